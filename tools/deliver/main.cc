// SPDX-License-Identifier: Apache-2.0
// deliver: one message on stdin into the store, for an MTA's pipe; started by master, a worker of the LMTP
// service.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>

#include <sysexits.h>

#include "common/proc/worker.h"
#include "common/proc/worker_link.h"
#include "tools/accounts/context.h"
#include "tools/deliver/lmtp/server.h"
#include "tools/deliver/options.h"
#include "tools/deliver/stdin.h"

namespace posthorn::deliver {
namespace {

int run(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = parseOptions(argc, argv);
  if (!options.ok()) {
    tools::complain("deliver", options.error().text);
    return EX_USAGE;
  }
  if (options->help) return std::fputs(kHelp, stdout) < 0 ? EX_IOERR : EX_OK;
  if (options->version) return std::puts("deliver (Posthorn) " POSTHORN_VERSION) < 0 ? EX_IOERR : EX_OK;
  return deliverStdin(*options);
}

}  // namespace
}  // namespace posthorn::deliver

int main(int argc, char** argv) {
  using namespace posthorn;
  if (argc > 1 && std::strcmp(argv[1], proc::kWorkerArgument) == 0)
    return proc::runWorker(argc, argv,
                           {.service = config::Service::Lmtp, .start = deliver::lmtp::Server::start});
  try {
    return deliver::run(argc, argv);
  } catch (const std::exception& error) {
    // The message has not been acknowledged: let it come again.
    std::fprintf(stderr, "deliver: %s\n", error.what());
    return EX_TEMPFAIL;
  }
}
