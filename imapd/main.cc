// SPDX-License-Identifier: Apache-2.0
#include "common/proc/worker.h"
#include "imapd/server.h"

int main(int argc, char** argv) {
  using namespace posthorn;
  return proc::runWorker(argc, argv, {.service = config::Service::Imap, .start = imapd::Server::start});
}
