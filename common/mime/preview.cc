// SPDX-License-Identifier: Apache-2.0
#include "common/mime/preview.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/utf8.h"
#include "common/mime/utf8_text.h"

namespace posthorn::mime {

namespace {

// What has no width or stands for an object. Newsletters pad their first line with these.
constexpr std::array<View, 11> kInvisible = {"\xEF\xBF\xBC", "\xEF\xBB\xBF", "\xE2\x80\x8B", "\xE2\x80\x8C",
                                             "\xE2\x80\x8D", "\xE2\x81\xA0", "\xC2\xAD",     "\xCD\x8F",
                                             "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE1\xA0\x8E"};
// Blanks of Unicode that text is laid out with.
constexpr std::array<View, 4> kBlanks = {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x87", "\xE3\x80\x80"};

template <std::size_t N>
bool isOneOf(const std::array<View, N>& list, View character) {
  return character.size() > 1 && std::find(list.begin(), list.end(), character) != list.end();
}

}  // namespace

void PreviewText::feed(View utf8) {
  Bytes joined;
  if (!cut_.empty()) {
    joined = std::exchange(cut_, {}).append(utf8);
    utf8 = joined;
  }
  while (!utf8.empty() && !full()) {
    const std::size_t length = utf8::characterLength(utf8.substr(0, 4));
    if (length > 0) {
      character(utf8.substr(0, length));
      utf8.remove_prefix(length);
    } else if (cutCharacter(utf8)) {
      cut_ = utf8;
      return;
    } else {
      character("\xEF\xBF\xBD");
      utf8.remove_prefix(1);
    }
  }
}

void PreviewText::character(View one) {
  const char c = one.front();
  if (c == '\n') {
    lineStart_ = true;
    inQuote_ = false;
    blank_ = true;
    return;
  }
  if (c == ' ' || c == '\t' || c == '\r' || isOneOf(kBlanks, one)) {
    blank_ = true;
    return;
  }
  if ((static_cast<unsigned char>(c) < 0x20) || c == 0x7F || isOneOf(kInvisible, one)) return;
  if (std::exchange(lineStart_, false) && c == '>') inQuote_ = true;
  Bytes& text = inQuote_ ? quoted_ : text_;
  std::size_t& count = inQuote_ ? quotedCharacters_ : characters_;
  if (inQuote_ && c == '>' && (text.empty() || blank_)) return;
  if (count >= kPreviewCharacters) return;
  if (std::exchange(blank_, false) && !text.empty()) {
    text.push_back(' ');
    if (++count >= kPreviewCharacters) return;
  }
  text.append(one);
  ++count;
}

Bytes PreviewText::take() {
  Bytes text = std::move(text_.empty() ? quoted_ : text_);
  if (!text.empty() && text.back() == ' ') text.pop_back();
  *this = PreviewText{};
  return text;
}

}  // namespace posthorn::mime
