// SPDX-License-Identifier: Apache-2.0
// imquotacheck: what users have of what they may have, and notices to those who near it.
#include <cstdio>
#include <exception>

#include <sysexits.h>

#include "tools/imquotacheck/commands.h"

namespace posthorn::imquotacheck {
namespace {

int run(int argc, char** argv) {
  const auto options = parseOptions(argc, argv);
  if (!options.ok()) {
    tools::complain("imquotacheck", options.error().text);
    return options.error().code == Errc::Unsupported ? EX_UNAVAILABLE : EX_USAGE;
  }
  if (options->help) return std::fputs(kHelp, stdout) < 0 ? EX_IOERR : EX_OK;
  if (options->version) return std::puts("imquotacheck (Posthorn) " POSTHORN_VERSION) < 0 ? EX_IOERR : EX_OK;
  const auto context = tools::openContext(options->config, "imquotacheck");
  if (!context.ok()) {
    tools::complain("imquotacheck", context.error().text);
    return context.error().code == Errc::Corrupt ? EX_CONFIG : tools::exitStatus(context.error().code);
  }
  return options->notify ? notify(*context, *options) : report(*context, *options);
}

}  // namespace
}  // namespace posthorn::imquotacheck

int main(int argc, char** argv) {
  try {
    return posthorn::imquotacheck::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "imquotacheck: %s\n", error.what());
    return EX_SOFTWARE;
  }
}
