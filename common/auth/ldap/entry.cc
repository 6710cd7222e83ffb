// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/entry.h"

#include <algorithm>

#include <unicode/utf8.h>

#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

constexpr std::size_t kMostText = 4096;

bool isUtf8(std::string_view text) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < length;) {
    UChar32 c = 0;
    U8_NEXT(data, at, length, c);
    if (c < 0) return false;
  }
  return true;
}

}  // namespace

bool isText(std::string_view value, std::size_t most) {
  return !value.empty() && value.size() <= most && isUtf8(value) &&
         std::none_of(value.begin(), value.end(), ascii::isControl);
}

const std::vector<std::string>& Entry::values(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto found = attributes.find(name);
  return found == attributes.end() ? kNone : found->second;
}

Result<std::optional<std::string>> Entry::single(std::string_view name) const {
  const auto& all = values(name);
  if (all.empty()) return std::optional<std::string>{};
  if (all.size() > 1)
    return makeError(Errc::Corrupt, dn + " has " + std::to_string(all.size()) + " values of " +
                                        std::string(name) + ", which may have one");
  if (!isText(all.front(), kMostText))
    return makeError(Errc::Corrupt,
                     dn + " has a value of " + std::string(name) + " that is not readable text");
  return std::optional<std::string>{all.front()};
}

}  // namespace posthorn::auth::ldap
