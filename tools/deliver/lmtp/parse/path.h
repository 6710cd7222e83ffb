// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::deliver::lmtp {

/// The longest path, brackets included (RFC 5321 §4.5.3.1.3 asks for 256; octets of UTF-8 are more).
inline constexpr std::size_t kMaxPath = 512;

/// What stands in angle brackets (RFC 5321 §4.1.2, RFC 6531 §3.3).
struct Path {
  std::string text;    ///< as written, without brackets and source route; empty: the null path
  std::string lookup;  ///< the same with a quoted local part unquoted: what the directory is asked for
  bool utf8 = false;   ///< octets beyond ASCII
};

/// Takes a path from the front of `rest`. `word` is "FROM:" or "TO:", which must come first, in any case;
/// blanks behind it are forgiven. Invalid for anything that is no path, with text that may be shown. Pure.
Result<Path> takePath(View word, View& rest);

}  // namespace posthorn::deliver::lmtp
