// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/ids.h"

namespace posthorn::imapd {

// The object ids of RFC 8474: a letter for the kind, so that none begins with a digit (JMAP uses them as they
// are), and hex digits.

inline std::string mailboxIdText(const Id128& id) {
  return "F" + id.hex();
}
inline std::string emailIdText(const Id128& id) {
  return "M" + id.hex();
}
std::string threadIdText(std::uint64_t id);
/// And back; nothing for texts that are no such id.
std::optional<Id128> emailIdOf(std::string_view text);
std::optional<std::uint64_t> threadIdOf(std::string_view text);

}  // namespace posthorn::imapd
