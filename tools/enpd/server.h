// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/events/area.h"
#include "common/net/acceptor.h"
#include "common/net/refusal_log.h"
#include "common/proc/front.h"
#include "common/proc/worker.h"
#include "tools/enpd/publishers.h"
#include "tools/enpd/relays.h"
#include "tools/enpd/shared.h"

namespace posthorn::enpd {

/// The worker of the event service: brings publishers, subscribers and other services together, and keeps in
/// the event area which types are wanted. Loop thread.
class Server final : public proc::Worker, public net::Reception {
 public:
  static Result<std::unique_ptr<proc::Worker>> start(proc::Host& host, proc::Handover handover);

  // proc::Worker
  Status applySnapshot(std::shared_ptr<const config::Snapshot> config,
                       std::shared_ptr<const proc::TlsMaterial> tls) override;
  /// Subscribers do not stay with a generation that no publisher speaks to any more: they are sent to the
  /// next.
  void drain() override;
  void stop() override;
  void dumpState() override;

  // net::Reception
  std::unique_ptr<net::Session> welcome(net::Arrival arrival) override;
  std::string refusal(net::Refusal why) override;
  std::unique_ptr<net::SecureLayer> secureLayer() override;

  Server(proc::Host& host, const config::Snapshot& config, std::shared_ptr<const events::Area> area);

 private:
  Status take(const config::Snapshot& config, const proc::TlsMaterial& tls);
  void onPacket(const events::EventPacket& packet);
  void tellWanted();
  /// On a job's thread; `done` on the loop.
  void resolve(const std::string& name, const std::function<void(std::vector<net::Address>)>& done);
  void tick();

  Shared shared_;
  std::shared_ptr<const events::Area> area_;
  Steady started_;
  bool serving_ = true;
  std::uint64_t lostUntold_ = 0;  // by publishers, and not yet in the log
  Publishers publishers_;
  Relays relays_;
  net::Timer ticks_;
  net::RefusalLog denials_;
  proc::Front front_;
};

}  // namespace posthorn::enpd
