// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/auth/authenticator.h"
#include "common/config/snapshot.h"
#include "common/events/watcher.h"
#include "common/net/admission.h"
#include "common/net/jobs.h"
#include "common/net/loop.h"
#include "common/stats/scoreboard.h"
#include "common/store/store.h"
#include "common/tls/context.h"

namespace posthorn::imapd {

class Others;

/// What all sessions of one worker stand on. Owned by the server, outlives its sessions; loop thread, except
/// where a member says otherwise. Configuration and TLS are replaced, never edited: a session reads them anew
/// at each use.
struct Shared {
  net::Loop& loop;
  net::Jobs* jobs;  ///< never null once sessions exist
  stats::Slot slot;
  const net::Admission* admission;  ///< never null once sessions exist
  std::shared_ptr<const config::Snapshot> config;
  config::ServiceConfig service;                ///< of `config`
  std::shared_ptr<const tls::Context> tls;      ///< null when TLS is not offered
  std::shared_ptr<auth::Authenticator> logins;  ///< any thread
  std::shared_ptr<store::Store> store;          ///< jobs only
  std::shared_ptr<Others> others;               ///< jobs only
  std::shared_ptr<events::Watcher> watcher;     ///< never null once sessions exist
};

}  // namespace posthorn::imapd
