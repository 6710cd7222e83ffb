// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/flags.h"

#include <array>

#include "common/base/ascii.h"

namespace posthorn::imap {
namespace {

constexpr std::array<std::string_view, 5> kNames{"\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"};

}  // namespace

std::optional<SystemFlags> systemFlag(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (ascii::equal(kNames[i], text)) return static_cast<SystemFlags>(1U << i);
  return std::nullopt;
}

std::string_view systemFlagName(SystemFlags one) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (one == 1U << i) return kNames[i];
  return {};
}

}  // namespace posthorn::imap
