// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/net/acceptor.h"
#include "common/net/chore.h"
#include "common/proc/front.h"
#include "common/proc/worker.h"
#include "popd/shared.h"

namespace posthorn::popd {

/// A popd worker: what its sessions share, and the front that brings them in. Loop thread.
class Server final : public proc::Worker, public net::Reception {
 public:
  /// Opens store and directory and begins to accept. Blocks briefly, before the loop runs.
  static Result<std::unique_ptr<proc::Worker>> start(proc::Host& host, proc::Handover handover);

  // proc::Worker
  Status applySnapshot(std::shared_ptr<const config::Snapshot> config,
                       std::shared_ptr<const proc::TlsMaterial> tls) override;
  void drain() override { front_.drain(); }
  void stop() override { front_.stop(); }
  void dumpState() override;

  // net::Reception
  std::unique_ptr<net::Session> welcome(net::Arrival arrival) override;
  std::string refusal(net::Refusal why) override;
  std::unique_ptr<net::SecureLayer> secureLayer() override;

  Server(proc::Host& host, const proc::Handover& handover, std::shared_ptr<store::Store> store);

 private:
  Status take(std::shared_ptr<const config::Snapshot> config, const proc::TlsMaterial& tls);
  void openPollTimes();

  Shared shared_;
  proc::Front front_;
  net::Chore house_;  // the store's upkeep
};

}  // namespace posthorn::popd
