// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

// Distinguished names as text (RFC 4514). Pure; any thread.

namespace posthorn::auth::ldap {

/// A value for the right side of `=` in a DN.
std::string escapeDnValue(std::string_view value);

/// "siroe.com" under "o=internet" is "dc=siroe,dc=com,o=internet" (the domain component tree of Schema 1).
std::string domainDn(std::string_view domain, std::string_view root);

/// The other way: "siroe.com"; nothing when `dn` is not made of dc components under `root`.
std::optional<std::string> domainOfDn(std::string_view dn, std::string_view root);

/// The name of the entry above; nothing when `dn` has one component.
std::optional<std::string> parentDn(std::string_view dn);

/// In one spelling: lower case (ASCII), no blanks around separators. Good for comparing what one server
/// wrote.
std::string normalDn(std::string_view dn);

/// Whether `dn` is `ancestor` or lies under it. An empty ancestor is above everything.
bool isUnder(std::string_view dn, std::string_view ancestor);

}  // namespace posthorn::auth::ldap
