// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/auth/authenticator.h"
#include "common/config/snapshot.h"
#include "common/net/address.h"
#include "common/net/jobs.h"
#include "common/net/loop.h"
#include "common/stats/scoreboard.h"
#include "common/store/store.h"
#include "common/tls/context.h"
#include "tools/deliver/recipient.h"

namespace posthorn::deliver::lmtp {

/// What the configuration says of LMTP alone, made ready for use.
struct Limits {
  std::uint64_t size = 0;  ///< octets of a message's text: what SIZE says
  std::size_t recipients = 0;
  std::size_t parallel = 0;
  unsigned hops = 0;
  bool checkDeliveredTo = true;
  std::vector<net::Network> clients;
  std::vector<std::string> folders;  ///< where a large message is staged
  Wishes wishes;                     ///< the same for all recipients

  static Limits from(const config::Snapshot& config);
};

/// What all sessions of one worker stand on. Owned by the server, outlives its sessions; loop thread, except
/// where a member says otherwise. What the configuration decides is replaced, never edited: a session reads
/// it anew at each use.
struct Shared {
  net::Loop& loop;
  net::Jobs* jobs;  ///< never null once sessions exist
  stats::Slot slot;
  config::ServiceConfig service;
  Limits limits;
  std::shared_ptr<const tls::Context> tls;         ///< null when TLS is not offered
  std::shared_ptr<auth::Authenticator> directory;  ///< any thread; nobody logs in, users are looked up
  Site site;                                       ///< jobs
};

}  // namespace posthorn::deliver::lmtp
