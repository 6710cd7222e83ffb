// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/events/event.h"

namespace posthorn::config {
class Snapshot;
}

namespace posthorn::events {

/// The target that is always there: this host's own event service. The older options without an instance's
/// name (local.store.notifyplugin.X) are its options.
inline constexpr View kInternalTarget = "ms-internal";

/// One notifytarget:NAME: what goes where, and under which key.
struct Target {
  std::string name;
  std::string host = "127.0.0.1";
  std::uint16_t port = 7997;
  std::string key = "enp://127.0.0.1/store";
  bool nonInbox = true;  ///< events of mailboxes other than INBOX, too
  EventMask enabled = kAllEvents;
  std::size_t maxHeader = 0;  ///< octets of payload
  std::size_t maxBody = 0;
  /// The host is this one and the port enpd's own: its own subscribers are meant. Everything else is another
  /// event service, to which ours passes the events on (publishers speak to their own host's alone, so that a
  /// host that is far away or down costs no delivery anything).
  bool local = true;

  /// As what the target gets an event: its own type, the older one where the newer is switched off
  /// (ExpungeMsg as DeleteMsg, CopyMsg as UpdateMsg), or nothing.
  [[nodiscard]] std::optional<EventType> typeFor(const Event& event) const;
  /// The event as the target gets it, with its type and its share of the payload; nothing: not at all.
  [[nodiscard]] std::optional<Event> shareOf(const Event& event) const;
  /// The types that must be published so that the target can have those of `wanted` (after typeFor()).
  [[nodiscard]] EventMask published(EventMask wanted) const;
};

/// All targets, ms-internal first, the others in the order of their names. Of a service's snapshot with the
/// rows of kEventServices (common/config/options/ens.h).
std::vector<Target> targetsFrom(const config::Snapshot& config);

/// What any of the targets wants: the bounds of what is worth publishing.
struct TargetUnion {
  EventMask enabled = 0;  ///< published() of all that is switched on
  bool nonInbox = false;
  std::size_t maxHeader = 0;
  std::size_t maxBody = 0;
};
TargetUnion unionOf(const std::vector<Target>& targets);

}  // namespace posthorn::events
