// SPDX-License-Identifier: Apache-2.0
#include "common/mime/wire.h"

#include <algorithm>
#include <charconv>

namespace posthorn::mime {

namespace {

// RFC 2683 3.2.1.5: clients may choke on long lines; a literal ends none.
constexpr std::size_t kMaxQuoted = 1000;

constexpr View kNulReplacement = "\xEF\xBF\xBD";

bool quotable(View text) {
  return text.size() <= kMaxQuoted && std::all_of(text.begin(), text.end(), [](char c) {
           return c != '\0' && c != '\r' && c != '\n' && static_cast<unsigned char>(c) < 0x80;
         });
}

}  // namespace

void putNumber(Bytes& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void putString(Bytes& out, View text) {
  if (quotable(text)) {
    out.push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
    return;
  }
  const auto nuls = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\0'));
  out.push_back('{');
  putNumber(out, text.size() + nuls * (kNulReplacement.size() - 1));
  out.append("}\r\n");
  if (nuls == 0) {
    out.append(text);
    return;
  }
  for (const char c : text) {
    if (c == '\0') {
      out.append(kNulReplacement);
    } else {
      out.push_back(c);
    }
  }
}

void putNstring(Bytes& out, const std::optional<Bytes>& text) {
  if (text) {
    putString(out, *text);
  } else {
    out.append("NIL");
  }
}

}  // namespace posthorn::mime
