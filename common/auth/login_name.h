// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/auth/directory.h"
#include "common/base/result.h"

namespace posthorn::auth {

/// Octets of a name as typed, and of a password: RFC 4616 demands 255 of each. A password's is libxcrypt's.
inline constexpr std::size_t kMaxName = 511;
inline constexpr std::size_t kMaxPassword = 511;
/// Octets of a canonical id: what a mailbox owner may be called.
inline constexpr std::size_t kMaxId = 255;

/// SASLprep (RFC 4013) of a string that a client sent (unassigned code points pass). Nothing when it is not
/// UTF-8, holds a prohibited character, or comes out empty. Any thread.
std::optional<std::string> prepareQuery(std::string_view text);

/// Likewise for a string that will be stored: unassigned code points are prohibited.
std::optional<std::string> prepareStored(std::string_view text);

/// Splits what a user typed into user and domain: at the rightmost character of `separators` that leaves both
/// sides non-empty; SASLprep, then lower case. `defaultDomain` stands in where no domain was typed. Nothing
/// when the text cannot be a name.
std::optional<LoginName> splitLogin(std::string_view typed, std::string_view separators,
                                    std::string_view defaultDomain);

/// The mailbox owner's name for `user` of `domain`: `user` alone in the default domain.
std::string canonicalId(std::string_view user, std::string_view domain, std::string_view defaultDomain);

/// The rules for a name that an account may be given, `user` or `user@domain`; on failure the text says which
/// rule. They hold wherever a name becomes part of a path, a list or a line:
///   1 to 255 octets of UTF-8, equal to its own SASLprep and lower case form;
///   no controls, blanks, `/ \ : * % " ( ) { } < > , ; [ ]`; not starting with `- . ~ $ # +`; not containing
///   `..`; at most one `@`, with a domain of letters, digits, `-` and `.` (or beyond ASCII) behind it; not
///   `anyone`, `anonymous` or `owner`, which access lists use.
/// Characters of `separators` other than `@` are refused in the user part: nobody could log in by such a
/// name.
Status checkName(std::string_view name, std::string_view separators = "@");

/// A domain by the same rules.
Status checkDomain(std::string_view domain);

}  // namespace posthorn::auth
