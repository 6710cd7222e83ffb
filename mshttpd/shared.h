// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/config/snapshot.h"
#include "common/net/jobs.h"
#include "common/net/loop.h"
#include "common/stats/scoreboard.h"
#include "common/tls/context.h"
#include "mshttpd/context.h"
#include "mshttpd/http/budget.h"
#include "mshttpd/http/push_source.h"
#include "mshttpd/http/static_files.h"
#include "mshttpd/http/waiting.h"
#include "mshttpd/jmap/gate.h"

namespace posthorn::mshttpd {

/// What the connections of one worker share. Owned by the Server; loop thread.
struct Shared {
  net::Loop& loop;
  net::Jobs* jobs = nullptr;
  stats::Slot slot;
  std::shared_ptr<const config::Snapshot> config;
  config::ServiceConfig service;
  std::shared_ptr<const tls::Context> tls;  ///< null: TLS is not offered
  ContextPtr context;
  std::shared_ptr<const http::StaticFiles> files;
  std::shared_ptr<http::Budget> bodies;
  std::shared_ptr<http::Waiting> waiting;
  std::string spoolFolder;
  std::shared_ptr<jmap::Gate> uploads;  ///< of one user at a time
  http::PushSource* push = nullptr;     ///< null: no changes are told
};

}  // namespace posthorn::mshttpd
