// SPDX-License-Identifier: Apache-2.0
#include "common/mime/lexer.h"

#include "common/mime/limits.h"

namespace posthorn::mime {

bool Lexer::take(char c) {
  if (atEnd() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool Lexer::skipBlanks() {
  const std::size_t start = at_;
  while (!atEnd()) {
    if (isBlank(text_[at_])) {
      ++at_;
    } else if (text_[at_] == '(') {
      skipComment();
    } else {
      break;
    }
  }
  return at_ > start;
}

void Lexer::skipComment() {
  ++at_;
  comment_.clear();
  std::size_t depth = 1;
  for (; !atEnd(); ++at_) {
    const char c = text_[at_];
    if (c == ')' && --depth == 0) {
      ++at_;
      return;
    }
    if (c == '\r' || c == '\n') continue;
    if (c == '(') ++depth;
    if (c == '\\' && at_ + 1 < text_.size()) ++at_;
    if (depth <= kMaxCommentDepth) comment_.push_back(text_[at_]);
  }
}

bool Lexer::quotedString(Bytes& out) {
  if (!take('"')) return false;
  for (; !atEnd(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\r' || c == '\n') continue;
    if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\r' && text_[at_ + 1] != '\n') ++at_;
    out.push_back(text_[at_]);
  }
  return true;
}

View Lexer::until(View stops) {
  const std::size_t start = at_;
  at_ = std::min(text_.find_first_of(stops, at_), text_.size());
  return text_.substr(start, at_ - start);
}

View Lexer::mimeToken() {
  constexpr View kSpecials = "()<>@,;:\\\"/[]?=";
  const std::size_t start = at_;
  while (!atEnd() && !isBlank(text_[at_]) && !ascii::isControl(text_[at_]) &&
         kSpecials.find(text_[at_]) == View::npos)
    ++at_;
  return text_.substr(start, at_ - start);
}

}  // namespace posthorn::mime
