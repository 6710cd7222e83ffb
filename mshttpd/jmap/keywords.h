// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mshttpd/jmap/method.h"

// IMAP's flags as JMAP's keywords and back (RFC 8621 4.1.1). Pure.

namespace posthorn::mshttpd::jmap {

/// "\Seen" is "$seen", keywords are in lower case; nothing for \Deleted, \Recent and other system flags.
std::optional<std::string> keywordOf(std::string_view flag);

/// "$seen" in any case is "\Seen", others as they are in lower case. Nothing for what may be no keyword.
std::optional<std::string> flagOf(std::string_view keyword);

/// {"$seen": true, ...}
Json keywordsObject(const std::vector<std::string>& flags);

}  // namespace posthorn::mshttpd::jmap
