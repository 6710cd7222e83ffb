// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/base/ascii.h"

namespace posthorn::imap {

/// ATOM-CHAR and ASTRING-CHAR of RFC 9051 §9. Octets over 0x7F are none.
constexpr bool isAtomChar(char c) {
  if (ascii::isControl(c) || static_cast<unsigned char>(c) >= 0x80) return false;
  return std::string_view("(){ %*\"\\]").find(c) == std::string_view::npos;
}
constexpr bool isAstringChar(char c) {
  return isAtomChar(c) || c == ']';
}

}  // namespace posthorn::imap
