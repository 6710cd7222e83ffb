// SPDX-License-Identifier: Apache-2.0
#include "common/mime/html_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/ascii.h"
#include "common/mime/html_entities.h"
#include "common/mime/lexer.h"
#include "common/mime/limits.h"

namespace posthorn::mime {

namespace {

constexpr std::size_t kMaxReference = 32;

// Elements whose content is no text to read.
constexpr std::array<View, 4> kRaw = {"script", "style", "title", "template"};
// Elements inside a line; all others end one.
constexpr std::array<View, 20> kInline = {"a",    "abbr",   "b",    "big", "code", "em",   "font",
                                          "i",    "kbd",    "mark", "q",   "s",    "samp", "small",
                                          "span", "strong", "sub",  "sup", "tt",   "u"};

template <std::size_t N>
bool contains(const std::array<View, N>& list, View name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

Bytes elementName(View tag) {
  if (!tag.empty() && tag.front() == '/') tag.remove_prefix(1);
  const std::size_t end = std::min(tag.find_first_of(" \t\r\n/>"), tag.size());
  return ascii::toLower(tag.substr(0, end));
}

}  // namespace

void HtmlText::feed(View utf8, Bytes& out) {
  while (!utf8.empty()) {
    if (state_ == State::Text) {
      const std::size_t plain = std::min(utf8.find_first_of("<&"), utf8.size());
      out.append(utf8.substr(0, plain));
      utf8.remove_prefix(plain);
      if (utf8.empty()) return;
    }
    const char c = utf8.front();
    utf8.remove_prefix(1);
    switch (state_) {
      case State::Text:
        text(c, out);
        break;
      case State::Reference:
        reference(c, out);
        break;
      case State::Tag:
        tag(c, out);
        break;
      case State::Comment:
        held_ = (held_ + c).substr(held_.size() < 3 ? 0 : 1);
        if (held_ == "-->") state_ = State::Text;
        break;
      case State::Raw:
        raw(c);
        break;
    }
  }
}

void HtmlText::finish(Bytes& out) {
  if (state_ == State::Reference) endReference(out);
  held_.clear();
  state_ = State::Text;
}

void HtmlText::text(char c, Bytes& out) {
  held_.clear();
  quote_ = '\0';
  tooLong_ = false;
  if (c == '<') {
    state_ = State::Tag;
  } else if (c == '&') {
    state_ = State::Reference;
  } else {
    out.push_back(c);
  }
}

void HtmlText::reference(char c, Bytes& out) {
  const bool part = ascii::isAlpha(c) || ascii::isDigit(c) || (c == '#' && held_.empty());
  if (part && held_.size() < kMaxReference) {
    held_.push_back(c);
    return;
  }
  endReference(out);
  if (c != ';') text(c, out);
}

void HtmlText::endReference(Bytes& out) {
  const auto character = decodeHtmlReference(held_);
  if (character) {
    out.append(*character);
  } else {
    out.append("&").append(held_);
  }
  state_ = State::Text;
}

void HtmlText::tag(char c, Bytes& out) {
  if (held_.empty() && !ascii::isAlpha(c) && c != '/' && c != '!' && c != '?') {
    out.push_back('<');  // "a < b"
    state_ = State::Text;
    text(c, out);
    return;
  }
  if (quote_ != '\0') {
    if (c == quote_) quote_ = '\0';
  } else if (c == '>') {
    endTag(out);
    return;
  } else if ((c == '"' || c == '\'') && !held_.empty() && held_.back() == '=') {
    quote_ = c;
  }
  if (held_.size() < kMaxHtmlTag) {
    held_.push_back(c);
  } else {
    // A quote that never ends must not swallow the rest of the text.
    tooLong_ = true;
    quote_ = '\0';
  }
  if (held_ == "!--") {
    state_ = State::Comment;
    held_.clear();
  }
}

void HtmlText::endTag(Bytes& out) {
  const Bytes name = elementName(held_);
  state_ = State::Text;
  if (contains(kRaw, name) && held_.front() != '/' && held_.back() != '/') {
    rawName_ = name;
    state_ = State::Raw;
  } else if (!contains(kInline, name)) {
    out.push_back(name == "td" || name == "th" || name == "img" ? ' ' : '\n');
  }
  if (values_ == Values::Keep && !tooLong_) values(held_, out);
  held_.clear();
}

void HtmlText::values(View attributes, Bytes& out) const {
  constexpr std::array<View, 4> kWanted = {"href", "src", "alt", "title"};
  Lexer lexer(attributes);
  lexer.until(" \t\r\n");
  while (!lexer.atEnd()) {
    const Bytes name = ascii::toLower(ascii::trim(lexer.until("=")));
    if (!lexer.take('=')) return;
    View value;
    const char quote = lexer.peek();
    if (quote == '"' || quote == '\'') {
      lexer.advance(1);
      value = lexer.until(View(&quote, 1));
      lexer.advance(1);
    } else {
      value = lexer.until(" \t\r\n");
    }
    const std::size_t blank = name.find_last_of(" \t\r\n/");
    if (!contains(kWanted, View(name).substr(blank == View::npos ? 0 : blank + 1))) continue;
    // Pictures inside the text are no words.
    if (ascii::startsWith(ascii::toLower(value.substr(0, 5)), "data:")) continue;
    out.push_back(' ');
    HtmlText references(Values::Drop);
    references.feed(value, out);
    references.finish(out);
    out.push_back(' ');
  }
}

/// Waits for "</name" and its ">".
void HtmlText::raw(char c) {
  if (held_.size() < rawName_.size() + 2) {
    const std::size_t at = held_.size();
    const char wanted = at == 0 ? '<' : at == 1 ? '/' : rawName_[at - 2];
    if (ascii::lower(c) == wanted) {
      held_.push_back(c);
    } else {
      held_ = c == '<' ? "<" : "";
    }
  } else if (c == '>') {
    state_ = State::Text;
    held_.clear();
  }
}

}  // namespace posthorn::mime
