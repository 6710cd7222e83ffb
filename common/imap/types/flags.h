// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::imap {

/// The five system flags as bits, the same ones as the store's. \Recent is no flag that a client can set.
using SystemFlags = std::uint16_t;
inline constexpr SystemFlags kSeen = 1;
inline constexpr SystemFlags kAnswered = 2;
inline constexpr SystemFlags kFlagged = 4;
inline constexpr SystemFlags kDeleted = 8;
inline constexpr SystemFlags kDraft = 16;
inline constexpr SystemFlags kAllSystemFlags = kSeen | kAnswered | kFlagged | kDeleted | kDraft;

/// A flag list. Keywords are atoms in the client's spelling, each once (ASCII case does not count).
struct Flags {
  SystemFlags system = 0;
  std::vector<std::string> keywords;
  [[nodiscard]] bool empty() const { return system == 0 && keywords.empty(); }
  bool operator==(const Flags&) const = default;
};

/// "\Seen" and its like in any case; nothing for other texts.
std::optional<SystemFlags> systemFlag(std::string_view text);
/// The name of exactly one bit: "\Seen".
std::string_view systemFlagName(SystemFlags one);

}  // namespace posthorn::imap
