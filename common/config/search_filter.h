// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace posthorn::config {

/// What is wrong with a search filter template (auth.searchfilter, inetDomainSearchFilter), empty when
/// nothing is: parentheses that do not match, a % that is not %U, %V, %o or %%, one of these outside of a
/// value, a filter that says nothing of the user and so would find somebody for everybody, more than 1000
/// octets.
std::string searchFilterTrouble(std::string_view filter);

/// What is wrong with a distinguished name (RFC 4514) at first sight: a component without `=` or without name
/// or value. Empty when nothing is.
std::string distinguishedNameTrouble(std::string_view dn);

}  // namespace posthorn::config
