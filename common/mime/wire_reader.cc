// SPDX-License-Identifier: Apache-2.0
#include "common/mime/wire_reader.h"

#include "common/base/ascii.h"

namespace posthorn::mime {

bool WireReader::take(char c) {
  if (failed_ || atEnd() || wire_[at_] != c) return false;
  ++at_;
  return true;
}

void WireReader::expect(char c) {
  if (!take(c)) fail();
}

void WireReader::number() {
  const std::size_t start = at_;
  while (!atEnd() && ascii::isDigit(wire_[at_])) ++at_;
  if (at_ == start || at_ - start > 20) fail();
}

std::optional<Bytes> WireReader::quoted() {
  Bytes out;
  for (++at_; !atEnd(); ++at_) {
    if (wire_[at_] == '"') {
      ++at_;
      return out;
    }
    if (wire_[at_] == '\\' && at_ + 1 < wire_.size()) ++at_;
    out.push_back(wire_[at_]);
  }
  fail();
  return std::nullopt;
}

std::optional<Bytes> WireReader::literal() {
  const std::size_t close = wire_.find('}', at_);
  const auto length =
      close == View::npos ? std::nullopt : ascii::number(wire_.substr(at_ + 1, close - at_ - 1));
  if (!length || wire_.substr(close + 1, 2) != "\r\n" || *length > wire_.size() - close - 3) {
    fail();
    return std::nullopt;
  }
  Bytes out(wire_.substr(close + 3, static_cast<std::size_t>(*length)));
  at_ = close + 3 + out.size();
  return out;
}

std::optional<Bytes> WireReader::nstring() {
  if (failed_) return std::nullopt;
  if (peek() == '"') return quoted();
  if (peek() == '{') return literal();
  if (wire_.substr(at_, 3) == "NIL") {
    at_ += 3;
  } else {
    fail();
  }
  return std::nullopt;
}

void WireReader::skipValue() {
  std::size_t depth = 0;
  do {
    if (take('(')) {
      ++depth;
    } else if (depth > 0 && take(')')) {
      --depth;
    } else if (depth > 0 && take(' ')) {
      continue;
    } else if (ascii::isDigit(peek())) {
      number();
    } else {
      nstring();
    }
  } while (depth > 0 && !failed_);
}

}  // namespace posthorn::mime
