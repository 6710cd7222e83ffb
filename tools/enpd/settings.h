// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "common/config/access_rules.h"
#include "common/config/snapshot.h"
#include "common/events/targets.h"

namespace posthorn::enpd {

/// The options of the event service, read once for each snapshot.
struct Settings {
  config::AccessRules access;
  config::AccessRules publish;
  std::size_t maxSubscriptions = 0;
  std::size_t maxQueue = 0;       ///< events that wait for one subscriber
  std::size_t maxQueueBytes = 0;  ///< and their octets
  std::size_t maxLine = 0;        ///< of a client that may not publish
  unsigned maxBadCommands = 0;
  std::chrono::milliseconds pingInterval{};
  std::string host;
  std::vector<events::Target> targets;

  /// Invalid: rules that are none (master judged them; another release's may be in the snapshot).
  static Result<Settings> from(const config::Snapshot& config);
};

}  // namespace posthorn::enpd
