// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace posthorn::mshttpd::jmap {

/// What a text condition looks for (RFC 8621 4.4.1): words between blanks, and phrases in single or double
/// quotes, in which a backslash takes the next character as it is. A quote without an end is a character.
std::vector<std::string> searchTerms(std::string_view text);

}  // namespace posthorn::mshttpd::jmap
