// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/imap/parse/limits.h"

namespace posthorn::imap {

/// {5}, {5+} and ~{5}: a literal announced at the end of a line (RFC 9051 §4.3, RFC 7888, RFC 3516).
struct LiteralHead {
  std::uint64_t octets = 0;
  bool synchronizing = true;
  bool binary = false;
  std::size_t begin = 0;  ///< where in the bytes the literal begins
};
/// The mark that `line` (without its end) ends with; `begin` is 0. Counts over 2^63 are no mark.
std::optional<LiteralHead> headAtEnd(View line);

/// Reads a command or response from left to right over lines with their literals in place. Each word is taken
/// only from a line that is whole: where bytes are missing, need() says which, and the line reads as if it
/// ended there. Whoever called asks need() before he believes a result. A misfit is Errc::Invalid
/// (Errc::Limit for bounds) with a text that may be shown to the client. Pure; the views that it gives point
/// into the bytes, which must outlive it.
class Scanner {
 public:
  enum class Need : std::uint8_t {
    Nothing,
    Line,     ///< the end of a line
    Literal,  ///< the octets of wanted()
    Rest,     ///< nothing: the line is over the limit; only its tag can be read
  };
  struct Options {
    bool utf8 = false;
    std::size_t maxLine = kMaxLine;
    std::uint64_t maxLiteral = kMaxLiteral;
    std::size_t maxTotal = kMaxCommand;
    std::size_t maxLiterals = kMaxLiterals;
    std::size_t maxRanges = kMaxRanges;
  };

  Scanner(View bytes, const Options& options);

  [[nodiscard]] Need need() const { return need_; }
  [[nodiscard]] const LiteralHead& wanted() const { return wanted_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] bool utf8() const { return options_.utf8; }
  [[nodiscard]] std::size_t position() const { return at_; }
  /// Where the line that is being read begins, and where what follows it does.
  [[nodiscard]] std::size_t lineBegin() const { return begin_; }
  [[nodiscard]] std::size_t lineEnd() const { return next_; }
  /// What is left of the line.
  [[nodiscard]] View rest() const { return bytes_.substr(at_, end_ - at_); }

  [[nodiscard]] bool atEnd() const { return at_ == end_; }
  /// The next character of the line; NUL at its end.
  [[nodiscard]] char peek() const { return atEnd() ? '\0' : bytes_[at_]; }
  /// Takes `c` if it comes next.
  bool take(char c);
  /// Takes `word`, in any case, if it comes next and no further ATOM-CHAR follows.
  bool takeWord(View word);
  /// Takes anything but blanks, parentheses and control characters: a flag as a server sends it, "\*" too.
  View flagWord();
  /// Takes everything before `c`, or to the end of the line.
  View takeUntil(char c);
  /// Takes what is left of the line, whatever it is.
  View takeLine();
  /// Takes blanks, also none.
  void skipBlanks();

  /// Exactly one blank.
  Status space();
  /// `c` must come next.
  Status expect(char c);
  /// The line must be over; blanks before its end are let pass.
  Status end();

  /// tag: any ASTRING-CHAR except "+".
  Result<View> tag();
  Result<View> atom();
  /// Letters, digits, '.', '-' and '_', at least one: the names of items and options.
  Result<View> name();
  /// atom (with ']'), quoted string or literal, as its octets. NUL is refused in all three.
  Result<std::string> astring();
  /// Quoted string or literal.
  Result<std::string> string();
  /// NIL or a string.
  Result<std::optional<std::string>> nstring();
  /// 1*list-char or a string.
  Result<std::string> listMailbox();
  /// A number below 2^32, below 2^63, and from 1 on.
  Result<std::uint32_t> number();
  Result<std::uint64_t> number64();
  Result<std::uint32_t> nzNumber();
  /// A literal of whatever octets, binary or not.
  Result<View> literalOctets();
  /// All that is left, over the lines and literals that belong to it; in their wire form.
  Result<View> remainder();
  /// The mark of a literal whose octets are not taken here: the reader of this line is at its end then.
  Result<LiteralHead> literalHead();

  /// An Error at this place.
  [[nodiscard]] static Error invalid(const char* text);
  [[nodiscard]] static Error tooMuch(const char* text);

 private:
  void startLine(std::size_t from);
  template <typename Predicate>
  View takeWhile(Predicate fits);
  Result<std::string> quoted();
  Result<std::string> literal();
  Error missing();

  View bytes_;
  Options options_;
  std::size_t begin_ = 0;  // the beginning of the line
  std::size_t at_ = 0;     // the next character
  std::size_t end_ = 0;    // the end of the line's text
  std::size_t next_ = 0;   // the beginning of what follows the line
  std::size_t literals_ = 0;
  Need need_ = Need::Nothing;
  LiteralHead wanted_;
};

}  // namespace posthorn::imap
