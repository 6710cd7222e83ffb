// SPDX-License-Identifier: Apache-2.0
#include "common/mime/address.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/mime/lexer.h"
#include "common/mime/limits.h"

namespace posthorn::mime {

namespace {

/// The length of the encoded word (RFC 2047) that `text` begins with, 0 when it begins with none. Senders
/// forget to encode commas and the like inside, so that a word must be taken as one before it is looked at
/// for separators.
std::size_t encodedWordLength(View text) {
  if (text.substr(0, 2) != "=?") return 0;
  const std::size_t charsetEnd = text.find_first_of("? \t\r\n", 2);
  if (charsetEnd == View::npos || text[charsetEnd] != '?' || charsetEnd + 2 >= text.size()) return 0;
  const char encoding = ascii::lower(text[charsetEnd + 1]);
  if ((encoding != 'q' && encoding != 'b') || text[charsetEnd + 2] != '?') return 0;
  const std::size_t end = text.find_first_of("? \t\r\n\"<>", charsetEnd + 3);
  if (end == View::npos || text.substr(end, 2) != "?=") return 0;
  return end + 2;
}

class AddressParser {
 public:
  AddressParser(View value, std::vector<Address>& out) : lexer_(value), out_(out) {}

  void parse() {
    while (!lexer_.atEnd() && out_.size() < kMaxAddresses) element();
    if (inGroup_) add(Address{});
  }

 private:
  void element() {
    lexer_.clearComment();
    phrase_.clear();
    local_.clear();
    words_ = 0;
    quoted_ = false;
    nameEnd_ = 0;
    readPhrase();
    if (lexer_.atEnd()) {
      endElement();
    } else if (lexer_.take('<')) {
      angleAddress();
    } else if (lexer_.take('@')) {
      plainAddress();
    } else if (lexer_.take(':')) {
      startGroup();
    } else {
      const char separator = lexer_.peek();
      const bool endsGroup = separator == ';' && inGroup_;
      lexer_.advance(1);  // one of , ; >
      endElement();
      if (separator != '>') fresh_ = true;
      if (endsGroup) endGroup();
    }
  }

  /// Gathers words up to what tells what they are. A blank or comment between two is one blank, none beside a
  /// dot in what may be a local part (RFC 5322 4.4).
  void readPhrase() {
    for (;;) {
      const bool gap = lexer_.skipBlanks();
      if (lexer_.atEnd()) return;
      const char c = lexer_.peek();
      if (View(",;<>@").find(c) != View::npos || (c == ':' && !inGroup_)) return;
      if (c == ':') {  // a group inside a group cannot be: its members belong to the outer one
        lexer_.advance(1);
        phrase_.clear();
        local_.clear();
        words_ = 0;
        continue;
      }
      if (words_ == 0) lexer_.clearComment();
      beginWord(gap, c);
      const std::size_t start = phrase_.size();  // behind the blank
      if (c == '"') {
        lexer_.quotedString(phrase_);
        quoted_ = true;
      } else if (const std::size_t length = encodedWordLength(lexer_.rest()); length > 0) {
        phrase_.append(lexer_.rest().substr(0, length));
        lexer_.advance(length);
      } else {
        phrase_.push_back(c);
        lexer_.advance(1);
        phrase_.append(lexer_.until(" \t\r\n\"(,;<>@:"));
      }
      local_.append(phrase_, start);
    }
  }

  void beginWord(bool gap, char c) {
    ++words_;
    const bool afterQuoted = lastQuoted_;
    lastQuoted_ = c == '"';
    if (phrase_.empty()) return;
    if (!gap) {  // a quoted string is a word of its own, in a local part too
      if (c != '.' && phrase_.back() != '.' && (lastQuoted_ || afterQuoted)) phrase_.push_back(' ');
      return;
    }
    if (c != '.' && (local_.empty() || local_.back() != '.')) {
      local_.clear();
      nameEnd_ = phrase_.size();
    }
    phrase_.push_back(' ');
  }

  void startGroup() {
    Address mark;
    mark.mailbox = phrase_;
    add(std::move(mark));
    inGroup_ = true;
    fresh_ = true;
  }

  void endGroup() {
    add(Address{});
    inGroup_ = false;
    fresh_ = true;
  }

  /// A phrase without an address: one word may be the name of a local user, more are a name. Behind an
  /// address that no comma ends they are nothing.
  void endElement() {
    if (words_ == 0 || !fresh_) return;
    Address address;
    if (!lexer_.comment().empty()) address.name = lexer_.comment();
    if (words_ == 1 && !quoted_) {
      address.mailbox = phrase_;
    } else if (!phrase_.empty()) {
      address.name = phrase_;
    }
    addMailbox(std::move(address));
  }

  void angleAddress() {
    Address address;
    if (!phrase_.empty()) address.name = std::move(phrase_);
    lexer_.skipBlanks();
    if (lexer_.peek() == '@') readRoute(address);
    Bytes local;
    readLocal(local);
    if (lexer_.take('@')) address.host = readDomain();
    if (address.host && address.host->empty()) address.host.reset();
    if (!local.empty()) address.mailbox = std::move(local);
    skipTo(">,;");
    lexer_.take('>');
    // A bare "<>" is nobody, but not the mark of a group.
    addMailbox(std::move(address));
    finishElement();
  }

  /// "@a,@b:" before the address; without the colon it was the domain of an address that lacks its local
  /// part.
  void readRoute(Address& address) {
    Bytes route;
    Bytes last;
    while (lexer_.take('@')) {
      last = readDomain();
      if (!route.empty()) route.push_back(',');
      route.append("@").append(last);
      const Lexer behindDomain = lexer_;
      while (lexer_.skipBlanks() || lexer_.take(',')) continue;
      if (lexer_.peek() != '@' && lexer_.peek() != ':') lexer_ = behindDomain;
    }
    if (lexer_.take(':')) {
      address.route = std::move(route);
    } else {
      address.host = std::move(last);
    }
  }

  void readLocal(Bytes& local) {
    for (;;) {
      const bool gap = lexer_.skipBlanks();
      if (lexer_.atEnd() || View("@>,;").find(lexer_.peek()) != View::npos) return;
      if (lexer_.take('<')) continue;
      if (gap && !local.empty() && local.back() != '.' && lexer_.peek() != '.') local.push_back(' ');
      if (lexer_.quotedString(local)) continue;
      local.push_back(lexer_.peek());
      lexer_.advance(1);
      local.append(lexer_.until(" \t\r\n\"(<@>,;"));
    }
  }

  void plainAddress() {
    Address address;
    if (words_ > 0) address.mailbox = local_;
    const Bytes domain = readDomain();
    if (!domain.empty()) address.host = domain;
    lexer_.skipBlanks();
    if (lexer_.take('<')) {  // "a@b <a@b>": what stands before is the name that is meant to be seen
      phrase_.append("@").append(domain);
      angleAddress();
      return;
    }
    if (nameEnd_ > 0) {
      address.name = phrase_.substr(0, nameEnd_);
    } else if (!lexer_.comment().empty()) {
      address.name = lexer_.comment();
    }
    addMailbox(std::move(address));
    finishElement();
  }

  /// A dot-atom without blanks and comments inside, or a domain literal.
  Bytes readDomain() {
    Bytes domain;
    lexer_.skipBlanks();
    if (lexer_.peek() == '[') {
      const View literal = lexer_.until("]>,\r\n");
      domain.append(literal);
      if (lexer_.take(']')) domain.push_back(']');
      return domain;
    }
    for (;;) {
      domain.append(lexer_.until(" \t\r\n\"(,;:<>@"));
      const bool gap = lexer_.skipBlanks();
      // Blanks may stand around a dot only (RFC 5322 4.4, obs-domain).
      const bool dot = lexer_.peek() == '.' || (!domain.empty() && domain.back() == '.');
      if (!gap || !dot || lexer_.atEnd() || View("\"(,;:<>@").find(lexer_.peek()) != View::npos)
        return domain;
    }
  }

  /// What stands between an address and the next separator belongs to nothing, but words begin a new element:
  /// a comma was forgotten.
  void finishElement() {
    lexer_.skipBlanks();
    if (lexer_.peek() == '@' || lexer_.peek() == ':' || lexer_.peek() == '>') skipTo(",;");
    fresh_ = lexer_.peek() == ',' || lexer_.peek() == ';';
    if (lexer_.take(',')) return;
    if (lexer_.take(';') && inGroup_) endGroup();
  }

  void skipTo(View stops) {
    Bytes ignored;
    while (!lexer_.atEnd() && stops.find(lexer_.peek()) == View::npos) {
      if (lexer_.skipBlanks() || lexer_.quotedString(ignored)) continue;
      lexer_.advance(1);
    }
  }

  void addMailbox(Address address) {
    if (!address.mailbox) address.mailbox = Bytes(kMissingMailbox);
    if (!address.host) address.host = Bytes(kMissingHost);
    add(std::move(address));
  }
  void add(Address address) {
    if (out_.size() < kMaxAddresses) out_.push_back(std::move(address));
  }

  Lexer lexer_;
  std::vector<Address>& out_;
  Bytes phrase_;
  Bytes local_;              // the last words of the phrase, as far as they can be a local part
  std::size_t nameEnd_ = 0;  // where the words before them end
  std::size_t words_ = 0;    // of the phrase; one may be empty: ""
  bool quoted_ = false;      // one of them was quoted
  bool lastQuoted_ = false;  // the last one was
  bool fresh_ = true;        // a separator, not a forgotten one, stands before the element
  bool inGroup_ = false;
};

bool needsQuotes(View local) {
  if (local.empty() || local.front() == '.' || local.back() == '.' || local.find("..") != View::npos)
    return true;
  return local.find_first_of("()<>[]:;@\\,\" \t") != View::npos ||
         std::any_of(local.begin(), local.end(), ascii::isControl);
}

}  // namespace

void parseAddresses(View value, std::vector<Address>& out) {
  AddressParser(value, out).parse();
}

Bytes spellAddress(const Address& address) {
  Bytes out;
  if (!address.mailbox || !address.host) return out;
  if (needsQuotes(*address.mailbox)) {
    out.push_back('"');
    for (const char c : *address.mailbox) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  } else {
    out = *address.mailbox;
  }
  return out.append("@").append(*address.host);
}

}  // namespace posthorn::mime
