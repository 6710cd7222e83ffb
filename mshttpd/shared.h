// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/config/snapshot.h"
#include "common/net/loop.h"
#include "common/stats/scoreboard.h"
#include "common/tls/context.h"

namespace posthorn::mshttpd {

/// What the connections of one worker share. Owned by the Server; loop thread.
struct Shared {
  net::Loop& loop;
  stats::Slot slot;
  std::shared_ptr<const config::Snapshot> config;
  config::ServiceConfig service;
  std::shared_ptr<const tls::Context> tls;  ///< null: TLS is not offered
};

}  // namespace posthorn::mshttpd
