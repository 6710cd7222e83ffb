// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace posthorn::auth::ldap {

/// One entry as a search gave it: a value. Attribute names are lower case and without options.
struct Entry {
  std::string dn;
  std::map<std::string, std::vector<std::string>, std::less<>> attributes;

  /// The values of `name` (lower case); none when it is absent.
  [[nodiscard]] const std::vector<std::string>& values(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return !values(name).empty(); }
  /// The one value; nothing when absent; Corrupt when there are several, is empty, is not UTF-8 or holds
  /// control characters.
  [[nodiscard]] Result<std::optional<std::string>> single(std::string_view name) const;
};

/// UTF-8 without control characters, not empty and of at most `most` octets.
bool isText(std::string_view value, std::size_t most);

}  // namespace posthorn::auth::ldap
