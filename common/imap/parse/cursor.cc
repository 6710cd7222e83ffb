// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/cursor.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::imap {
namespace {

Error invalid(const char* text) {
  return Error{Errc::Invalid, text, text};
}

/// RFC 9051 §9: ATOM-CHAR. Octets over 0x7F are none.
bool isAtomChar(char c) {
  if (ascii::isControl(c) || static_cast<unsigned char>(c) >= 0x80) return false;
  return View("(){ %*\"\\]").find(c) == View::npos;
}

bool isAstringChar(char c) {
  return isAtomChar(c) || c == ']';
}

template <typename Predicate>
View takeWhile(View& rest, Predicate fits) {
  const auto end = std::find_if_not(rest.begin(), rest.end(), fits);
  const View found = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(found.size());
  return found;
}

/// "{12}" or "{12+}" as a whole.
std::optional<LiteralMark> parseMark(View mark) {
  if (mark.size() < 3 || mark.front() != '{' || mark.back() != '}') return std::nullopt;
  View digits = mark.substr(1, mark.size() - 2);
  LiteralMark found;
  if (digits.back() == '+') {
    found.synchronising = false;
    digits.remove_suffix(1);
  }
  const auto octets = ascii::number(digits);
  if (!octets || *octets >> 63U != 0) return std::nullopt;
  found.octets = *octets;
  return found;
}

}  // namespace

std::optional<LiteralMark> literalAtEnd(View line) {
  const std::size_t open = line.rfind('{');
  return open == View::npos ? std::nullopt : parseMark(line.substr(open));
}

Result<View> Cursor::tag() {
  const View found = takeWhile(rest_, [](char c) { return isAstringChar(c) && c != '+'; });
  if (found.empty()) return invalid("Missing tag");
  return found;
}

Result<View> Cursor::atom() {
  const View found = takeWhile(rest_, isAtomChar);
  if (found.empty()) return invalid("Missing word");
  return found;
}

Status Cursor::space() {
  if (rest_.empty() || rest_.front() != ' ') return invalid("Missing argument");
  rest_.remove_prefix(1);
  return okStatus();
}

Status Cursor::end() const {
  return rest_.empty() ? okStatus() : invalid("Too many arguments");
}

Result<std::string> Cursor::astring() {
  if (rest_.empty()) return invalid("Missing argument");
  if (rest_.front() == '"') return quoted();
  if (rest_.front() == '{') return literal();
  const View found = takeWhile(rest_, isAstringChar);
  if (found.empty()) return invalid("Not a string");
  return std::string(found);
}

Result<std::string> Cursor::quoted() {
  std::string text;
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    char c = rest_[i];
    if (c == '"') {
      rest_.remove_prefix(i + 1);
      return text;
    }
    if (c == '\\') {
      ++i;
      if (i == rest_.size() || (rest_[i] != '"' && rest_[i] != '\\')) return invalid("Wrong quoting");
      c = rest_[i];
    }
    if (c == '\0' || c == '\r' || c == '\n') return invalid("Control character in a quoted string");
    text.push_back(c);
  }
  return invalid("Quoted string without an end");
}

Result<std::string> Cursor::literal() {
  const std::size_t close = rest_.find('}');
  const auto mark = close == View::npos ? std::nullopt : parseMark(rest_.substr(0, close + 1));
  if (!mark || rest_.substr(close + 1, 2) != "\r\n") return invalid("Not a literal");
  const View octets = rest_.substr(close + 3);
  if (octets.size() < mark->octets) return invalid("Literal without an end");
  std::string text(octets.substr(0, mark->octets));
  if (text.find('\0') != std::string::npos) return invalid("NUL in a literal");
  rest_ = octets.substr(mark->octets);
  return text;
}

}  // namespace posthorn::imap
