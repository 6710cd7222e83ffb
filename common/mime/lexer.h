// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/ascii.h"
#include "common/base/bytes.h"

namespace posthorn::mime {

/// Reads the tokens of RFC 5322 and RFC 2045 out of a field's value; broken ones give what can be read of
/// them. Nothing recurses; every call that says true has moved on. For this room only.
class Lexer {
 public:
  explicit Lexer(View text) : text_(text) {}

  [[nodiscard]] bool atEnd() const { return at_ >= text_.size(); }
  /// The next octet; NUL at the end (a NUL in the text is an ordinary octet of an atom: ask atEnd()).
  [[nodiscard]] char peek() const { return atEnd() ? '\0' : text_[at_]; }
  [[nodiscard]] View rest() const { return text_.substr(at_); }
  void advance(std::size_t count) { at_ += count < text_.size() - at_ ? count : text_.size() - at_; }
  /// Takes `c` when it is next.
  bool take(char c);

  /// Passes blanks, line ends and comments; true when there were any. The last comment is kept.
  bool skipBlanks();
  [[nodiscard]] const Bytes& comment() const { return comment_; }
  void clearComment() { comment_.clear(); }

  /// Appends the content of the quoted string that is next, without quotes and backslashes, unfolded. One
  /// that does not end goes to the end of the text. False when none is next.
  bool quotedString(Bytes& out);
  /// The octets up to one of `stops` (or the end); may be empty.
  View until(View stops);
  /// A token of RFC 2045 5.1; 8-bit octets are taken for letters. May be empty.
  View mimeToken();

 private:
  void skipComment();

  View text_;
  std::size_t at_ = 0;
  Bytes comment_;
};

/// Blank, tab, CR or LF.
constexpr bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace posthorn::mime
