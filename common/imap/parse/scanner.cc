// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/scanner.h"

#include <algorithm>
#include <limits>

#include "common/base/ascii.h"
#include "common/imap/types/atom.h"

namespace posthorn::imap {
namespace {

/// "{12}" or "{12+}" as a whole.
std::optional<LiteralHead> parseMark(View mark) {
  if (mark.size() < 3 || mark.front() != '{' || mark.back() != '}') return std::nullopt;
  View digits = mark.substr(1, mark.size() - 2);
  LiteralHead found;
  if (digits.back() == '+') {
    found.synchronizing = false;
    digits.remove_suffix(1);
  }
  const auto octets = ascii::number(digits);
  if (!octets || *octets >> 63U != 0) return std::nullopt;
  found.octets = *octets;
  return found;
}

}  // namespace

std::optional<LiteralHead> headAtEnd(View line) {
  // A mark is short: a long line need not be searched for its brace.
  constexpr std::size_t kLongestMark = 32;
  if (line.size() > kLongestMark) line.remove_prefix(line.size() - kLongestMark);
  const std::size_t open = line.rfind('{');
  if (open == View::npos) return std::nullopt;
  auto mark = parseMark(line.substr(open));
  if (mark && open > 0 && line[open - 1] == '~') mark->binary = true;
  return mark;
}

Scanner::Scanner(View bytes, const Options& options) : bytes_(bytes), options_(options) {
  startLine(0);
}

void Scanner::startLine(std::size_t from) {
  begin_ = at_ = end_ = next_ = from;
  // The end of a line that is just short enough may take two octets more.
  const View line = bytes_.substr(from, options_.maxLine + 2);
  const std::size_t feed = line.find('\n');
  if (feed == View::npos && line.size() <= options_.maxLine + 1) {
    need_ = Need::Line;
    return;
  }
  const std::size_t length = feed == View::npos                   ? line.size()
                             : feed > 0 && line[feed - 1] == '\r' ? feed - 1
                                                                  : feed;
  if (length > options_.maxLine) {
    // So much that the tag can be read for the answer.
    end_ = from + std::min(length, kMaxTag + 1);
    next_ = bytes_.size();
    need_ = Need::Rest;
    return;
  }
  next_ = from + feed + 1;
  end_ = from + length;
}

Error Scanner::invalid(const char* text) {
  return Error{Errc::Invalid, text, text};
}

Error Scanner::tooMuch(const char* text) {
  return Error{Errc::Limit, text, text};
}

Error Scanner::missing() {
  return need_ == Need::Rest ? tooMuch("Line too long") : invalid("Unfinished");
}

bool Scanner::take(char c) {
  if (atEnd() || bytes_[at_] != c) return false;
  ++at_;
  return true;
}

bool Scanner::takeWord(View word) {
  const View line = rest();
  if (!ascii::startsWith(line, word)) return false;
  if (line.size() > word.size() && isAtomChar(line[word.size()])) return false;
  at_ += word.size();
  return true;
}

View Scanner::takeUntil(char c) {
  const View found = rest().substr(0, rest().find(c));
  at_ += found.size();
  return found;
}

View Scanner::takeLine() {
  const View found = rest();
  at_ = end_;
  return found;
}

void Scanner::skipBlanks() {
  while (take(' ')) {
  }
}

Status Scanner::space() {
  return take(' ') ? okStatus() : invalid("Missing argument");
}

Status Scanner::expect(char c) {
  if (take(c)) return okStatus();
  return invalid(c == ')' ? "Missing )" : c == '(' ? "Missing (" : "Malformed argument");
}

Status Scanner::end() {
  if (need_ != Need::Nothing) return missing();
  skipBlanks();
  return atEnd() ? okStatus() : invalid("Too many arguments");
}

template <typename Predicate>
View Scanner::takeWhile(Predicate fits) {
  const View line = rest();
  const auto stop = std::find_if_not(line.begin(), line.end(), fits);
  const View found = line.substr(0, static_cast<std::size_t>(stop - line.begin()));
  at_ += found.size();
  return found;
}

View Scanner::flagWord() {
  return takeWhile([](char c) { return !ascii::isControl(c) && View(" ()").find(c) == View::npos; });
}

Result<View> Scanner::tag() {
  const View found = takeWhile([](char c) { return isAstringChar(c) && c != '+'; });
  if (found.empty()) return invalid("Missing tag");
  if (found.size() > kMaxTag) return tooMuch("Tag too long");
  return found;
}

Result<View> Scanner::atom() {
  const View found = takeWhile(isAtomChar);
  if (found.empty()) return invalid("Missing word");
  return found;
}

Result<View> Scanner::name() {
  const View found = takeWhile(
      [](char c) { return ascii::isAlpha(c) || ascii::isDigit(c) || c == '.' || c == '-' || c == '_'; });
  if (found.empty()) return invalid("Missing word");
  return found;
}

Result<std::string> Scanner::astring() {
  if (peek() == '"') return quoted();
  if (peek() == '{') return literal();
  const View found = takeWhile(isAstringChar);
  if (found.empty()) return invalid(atEnd() ? "Missing argument" : "Not a string");
  return std::string(found);
}

Result<std::string> Scanner::string() {
  if (peek() == '"') return quoted();
  if (peek() == '{') return literal();
  return invalid("Not a string");
}

Result<std::optional<std::string>> Scanner::nstring() {
  if (takeWord("NIL")) return std::optional<std::string>();
  PH_TRY(std::string text, string());
  return std::optional<std::string>(std::move(text));
}

Result<std::string> Scanner::listMailbox() {
  if (peek() == '"' || peek() == '{') return string();
  const View found = takeWhile([](char c) { return isAstringChar(c) || c == '%' || c == '*'; });
  if (found.empty()) return invalid("Missing pattern");
  return std::string(found);
}

Result<std::uint64_t> Scanner::number64() {
  const auto value = ascii::number(takeWhile(ascii::isDigit));
  if (!value || *value >> 63U != 0) return invalid("Not a number");
  return *value;
}

Result<std::uint32_t> Scanner::number() {
  PH_TRY(const std::uint64_t value, number64());
  if (value > std::numeric_limits<std::uint32_t>::max()) return invalid("Number too large");
  return static_cast<std::uint32_t>(value);
}

Result<std::uint32_t> Scanner::nzNumber() {
  if (peek() == '0') return invalid("Not a number from 1 on");
  return number();
}

Result<std::string> Scanner::quoted() {
  std::string text;
  const View line = rest();
  for (std::size_t i = 1; i < line.size(); ++i) {
    char c = line[i];
    if (c == '"') {
      at_ += i + 1;
      return text;
    }
    if (c == '\\') {
      ++i;
      if (i == line.size() || (line[i] != '"' && line[i] != '\\')) return invalid("Wrong quoting");
      c = line[i];
    }
    if (c == '\0' || c == '\r') return invalid("Control character in a quoted string");
    text.push_back(c);
  }
  return invalid("Quoted string without an end");
}

Result<LiteralHead> Scanner::literalHead() {
  const bool tilde = take('~');
  auto mark = parseMark(rest());
  if (!mark) return invalid("Not a literal");
  mark->binary = tilde;
  mark->begin = next_;
  at_ = end_;
  return *mark;
}

Result<View> Scanner::literalOctets() {
  const std::size_t start = at_;
  PH_TRY(const LiteralHead mark, literalHead());
  const bool fits = mark.octets <= options_.maxLiteral && mark.begin <= options_.maxTotal &&
                    mark.octets <= options_.maxTotal - mark.begin;
  if (!fits || ++literals_ > options_.maxLiterals) {
    at_ = start;
    return tooMuch("Literal too long");
  }
  // An empty one that the client waits for has to be asked for, too; then something follows it.
  const bool unasked = mark.octets == 0 && mark.synchronizing && bytes_.size() == mark.begin;
  if (unasked || bytes_.size() - mark.begin < mark.octets) {
    need_ = Need::Literal;
    wanted_ = mark;
    return missing();
  }
  const View octets = bytes_.substr(mark.begin, mark.octets);
  startLine(mark.begin + octets.size());
  if (need_ != Need::Nothing) return missing();
  return octets;
}

Result<View> Scanner::remainder() {
  const std::size_t from = at_;
  while (const auto head = headAtEnd(rest())) {
    at_ += rest().rfind('{');
    PH_TRY(const View octets, literalOctets());
    static_cast<void>(octets);
  }
  at_ = end_;
  return bytes_.substr(from, end_ - from);
}

Result<std::string> Scanner::literal() {
  PH_TRY(const View octets, literalOctets());
  if (octets.find('\0') != View::npos) return invalid("NUL in a literal");
  return std::string(octets);
}

}  // namespace posthorn::imap
