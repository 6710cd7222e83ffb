// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/config/snapshot.h"

namespace posthorn::imapd {

class Session;

/// An extension and its switch.
struct CapabilityAtom {
  std::string_view text;
  std::string_view option;  ///< the switch's name
  bool (*shown)(const config::Snapshot& config);
};

/// What does not depend on the connection. STARTTLS and AUTH= do.
std::span<const CapabilityAtom> capabilityTable();

/// CAPABILITY's atoms for this session at this moment, without what imap.capability.* hides.
std::string capabilities(const Session& session);

}  // namespace posthorn::imapd
