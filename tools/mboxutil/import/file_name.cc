// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/file_name.h"

#include <tuple>

#include "common/base/ascii.h"

namespace posthorn::migrate {

namespace {

store::SystemFlags flagOf(char letter) {
  switch (letter) {
    case 'D':
      return store::kDraft;
    case 'F':
      return store::kFlagged;
    case 'R':
      return store::kAnswered;
    case 'S':
      return store::kSeen;
    case 'T':
      return store::kDeleted;
    default:
      return 0;  // P(assed), and what others add: no client was ever shown them
  }
}

View digitsAt(View text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && ascii::isDigit(text[end])) ++end;
  return text.substr(at, end - at);
}

/// Numbers of any length by value.
std::tuple<std::size_t, View> numeric(View digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return {digits.size(), digits};
}

View microseconds(View base) {
  const auto seconds = digitsAt(base, 0).size();
  if (base.substr(seconds, 2) != ".M") return {};
  return digitsAt(base, seconds + 2);
}

}  // namespace

FileName parseFileName(View name) {
  FileName parsed;
  const auto colon = name.find(':');
  parsed.base = name.substr(0, colon);
  for (const View field : ascii::split(parsed.base, ',')) {
    if (field.substr(0, 2) == "S=") parsed.size = ascii::number(field.substr(2));
    if (field.substr(0, 2) == "W=") parsed.octets = ascii::number(field.substr(2));
  }
  if (colon == View::npos || name.substr(colon, 3) != ":2,") return parsed;
  for (const char letter : name.substr(colon + 3)) {
    if (letter == ',') break;
    parsed.flags = static_cast<store::SystemFlags>(parsed.flags | flagOf(letter));
    if (letter >= 'a' && letter <= 'z') parsed.letters |= 1U << (letter - 'a');
  }
  return parsed;
}

bool cameBefore(View a, View b) {
  const auto order = [](View base) {
    return std::tuple(numeric(digitsAt(base, 0)), numeric(microseconds(base)), base);
  };
  return order(a) < order(b);
}

}  // namespace posthorn::migrate
