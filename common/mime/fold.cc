// SPDX-License-Identifier: Apache-2.0
#include "common/mime/fold.h"

#include <vector>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf8.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/mime/utf8_text.h"

namespace posthorn::mime {

namespace {

const UNormalizer2* decomposition() {
  static const UNormalizer2* const kInstance = [] {
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2* instance = unorm2_getNFKDInstance(&error);
    return U_SUCCESS(error) ? instance : nullptr;
  }();
  return kInstance;
}

/// RFC 5051 2: the title case of a character, decomposed as far as it goes.
void putFolded(UChar32 character, Bytes& out) {
  const UChar32 title = u_totitle(character);
  UChar units[32];
  UErrorCode error = U_ZERO_ERROR;
  const std::int32_t length =
      decomposition() == nullptr ? -1 : unorm2_getDecomposition(decomposition(), title, units, 32, &error);
  if (length < 0 || U_FAILURE(error)) {
    utf8::append(out, static_cast<std::uint32_t>(title));
    return;
  }
  for (std::int32_t i = 0; i < length;) {
    UChar32 part = 0;
    U16_NEXT(units, i, length, part);
    utf8::append(out, static_cast<std::uint32_t>(part));
  }
}

// Latin, Greek, Cyrillic, Hebrew, Arabic: asked for once.
constexpr UChar32 kTableEnd = 0x800;

const Bytes& foldedTwoOctets(UChar32 character) {
  static const std::vector<Bytes> kTable = [] {
    std::vector<Bytes> table(kTableEnd);
    for (UChar32 one = 0x80; one < kTableEnd; ++one) putFolded(one, table[static_cast<std::size_t>(one)]);
    return table;
  }();
  return kTable[static_cast<std::size_t>(character)];
}

void putAscii(View text, Bytes& out) {
  const std::size_t start = out.size();
  out.append(text);
  for (std::size_t at = start; at < out.size(); ++at) out[at] = ascii::upper(out[at]);
}

}  // namespace

void foldInto(View utf8, Bytes& out) {
  out.reserve(out.size() + utf8.size());
  while (!utf8.empty()) {
    const std::size_t ascii = asciiLength(utf8);
    putAscii(utf8.substr(0, ascii), out);
    utf8.remove_prefix(ascii);
    if (utf8.empty()) return;
    const std::size_t length = utf8::characterLength(utf8.substr(0, 4));
    if (length == 0) {
      out.push_back(utf8.front());
      utf8.remove_prefix(1);
      continue;
    }
    UChar32 character = 0;
    std::int32_t at = 0;
    U8_NEXT_UNSAFE(utf8.data(), at, character);
    if (character < kTableEnd) {
      out.append(foldedTwoOctets(character));
    } else {
      putFolded(character, out);
    }
    utf8.remove_prefix(length);
  }
}

Bytes fold(View utf8) {
  Bytes out;
  foldInto(utf8, out);
  return out;
}

Bytes foldAscii(View text) {
  return ascii::toUpper(text);
}

}  // namespace posthorn::mime
