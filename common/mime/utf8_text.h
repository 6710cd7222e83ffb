// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

#include "common/base/bytes.h"
#include "common/base/utf8.h"

namespace posthorn::mime {

/// Whether more octets could make a character of `text`, which begins none: a window has cut it. For this
/// room only.
inline bool cutCharacter(View text) {
  if (text.empty() || text.size() >= 4) return false;
  // Any continuation octet will do, but the second one of some characters is restricted.
  for (const char second : {'\x80', '\xBF'}) {
    Bytes tail(text);
    while (tail.size() < 4) {
      tail.push_back(tail.size() == 1 ? second : '\x80');
      if (utf8::characterLength(tail) == tail.size()) return true;
    }
  }
  return false;
}

/// The length of the ASCII text that `text` begins with.
inline std::size_t asciiLength(View text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + at, 8);
    if ((eight & 0x8080808080808080U) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace posthorn::mime
