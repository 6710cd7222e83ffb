// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/net/acceptor.h"
#include "common/net/chore.h"
#include "common/proc/front.h"
#include "common/proc/worker.h"
#include "mshttpd/backend/push.h"
#include "mshttpd/http/asked_states.h"
#include "mshttpd/services.h"
#include "mshttpd/shared.h"

namespace posthorn::mshttpd {

/// An mshttpd worker: what its connections share, and the front that brings them in. Loop thread.
class Server final : public proc::Worker, public net::Reception {
 public:
  /// Opens directory, web sessions and spool, reads the browser client, and begins to accept. Blocks briefly,
  /// before the loop runs.
  static Result<std::unique_ptr<proc::Worker>> start(proc::Host& host, proc::Handover handover);

  // proc::Worker
  Status applySnapshot(std::shared_ptr<const config::Snapshot> config,
                       std::shared_ptr<const proc::TlsMaterial> tls) override;
  void drain() override { front_.drain(); }
  void stop() override { front_.stop(); }
  void workerDied(const proc::Death& death) override;
  void dumpState() override;

  // net::Reception
  std::unique_ptr<net::Session> welcome(net::Arrival arrival) override;
  std::string refusal(net::Refusal why) override;
  std::unique_ptr<net::SecureLayer> secureLayer() override;

  /// What start() has opened.
  struct Opened {
    std::shared_ptr<auth::Authenticator> logins;
    std::shared_ptr<login::WebSessions> sessions;
    std::shared_ptr<const http::StaticFiles> files;
    Providers providers;
  };
  Server(proc::Host& host, const proc::Handover& handover, Opened opened);

 private:
  Status take(std::shared_ptr<const config::Snapshot> config, const proc::TlsMaterial& tls);

  http::AskedStates::Means meansOfStates();
  Status runJob(std::function<void()> work);

  Providers providers_;
  Shared shared_;
  backend::Push push_;
  http::AskedStates states_;
  proc::Front front_;
  net::Chore house_;  // old uploads and sessions go
};

}  // namespace posthorn::mshttpd
