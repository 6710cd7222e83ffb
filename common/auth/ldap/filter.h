// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

// Search filters (RFC 4515). Pure; any thread.

namespace posthorn::auth::ldap {

/// `\xx` of one octet.
void appendHex(std::string& out, char octet);

/// A value for a filter: `* ( ) \` NUL, and everything that is not printable ASCII, as \xx.
std::string escapeFilterValue(std::string_view value);

/// "(name=value)", the value escaped.
std::string equals(std::string_view name, std::string_view value);

/// What stands for %U, %V and %o.
struct FilterNames {
  std::string_view user;
  std::string_view domain;
  std::string_view original;
};

/// A filter with %U, %V, %o and %%, as auth.searchfilter and inetDomainSearchFilter are written; the
/// outermost parentheses may be absent. Substituted values are escaped, so they can only ever be values.
class FilterTemplate {
 public:
  /// Invalid with a text that says what is wrong (see config::searchFilterTrouble).
  static Result<FilterTemplate> parse(std::string_view text);

  [[nodiscard]] std::string expand(const FilterNames& names) const;

 private:
  std::string text_;
};

}  // namespace posthorn::auth::ldap
