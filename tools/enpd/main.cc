// SPDX-License-Identifier: Apache-2.0
// enpd: the event service.
#include "common/proc/worker.h"
#include "tools/enpd/server.h"

int main(int argc, char** argv) {
  using namespace posthorn;
  return proc::runWorker(argc, argv, {.service = config::Service::Ens, .start = enpd::Server::start});
}
