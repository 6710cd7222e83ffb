// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Text as JSON may carry it. Pure.

namespace posthorn::mshttpd::jmap {

/// UTF-8 in Normalization Form C; octets that begin no character become U+FFFD.
std::string toNfc(std::string_view text);

/// Well-formed UTF-8: octets that begin no character become U+FFFD, NUL falls away.
std::string wellFormed(std::string_view octets);

/// Without control characters, tabs apart: what encoded words may not smuggle in.
std::string withoutControls(std::string_view utf8);

/// The first octets of `utf8`, at most `most`, cut between two characters.
std::string_view cutText(std::string_view utf8, std::size_t most);

}  // namespace posthorn::mshttpd::jmap
