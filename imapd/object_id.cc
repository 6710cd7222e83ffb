// SPDX-License-Identifier: Apache-2.0
#include "imapd/object_id.h"

#include <charconv>

#include <fmt/format.h>

namespace posthorn::imapd {

std::string threadIdText(std::uint64_t id) {
  return fmt::format("T{:016x}", id);
}

std::optional<Id128> emailIdOf(std::string_view text) {
  if (!text.starts_with('M')) return std::nullopt;
  return Id128::fromHex(text.substr(1));
}

std::optional<std::uint64_t> threadIdOf(std::string_view text) {
  if (!text.starts_with('T') || text.size() != 17) return std::nullopt;
  std::uint64_t id = 0;
  const auto end = std::from_chars(text.data() + 1, text.data() + text.size(), id, 16);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace posthorn::imapd
