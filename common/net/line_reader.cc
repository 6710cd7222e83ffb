// SPDX-License-Identifier: Apache-2.0
#include "common/net/line_reader.h"

#include <algorithm>
#include <cstring>

namespace posthorn::net {

// The place of the LF that ends the line, or npos. Remembers how far it has looked.
std::size_t LineReader::findEnd() {
  if (seenConsumed_ != buffer_.consumed()) {
    seenConsumed_ = buffer_.consumed();
    scanned_ = 0;
  }
  const std::string_view bytes = buffer_.view();
  // One octet more than a longest line with its CRLF is enough to know.
  const std::size_t most = std::min(bytes.size(), limit_ + 2);
  while (scanned_ < most) {
    const std::size_t lf = bytes.substr(0, most).find('\n', scanned_);
    if (lf == std::string_view::npos) {
      scanned_ = most;
      break;
    }
    if (end_ == LineEnd::CrLfOrLf || (lf > 0 && bytes[lf - 1] == '\r')) {
      scanned_ = lf;
      return lf;
    }
    scanned_ = lf + 1;
  }
  return std::string_view::npos;
}

Result<std::optional<std::string_view>> LineReader::next() {
  lineBytes_ = 0;
  const std::size_t lf = findEnd();
  const std::string_view bytes = buffer_.view();
  std::optional<std::string_view> line;
  if (lf == std::string_view::npos) {
    // Without its end in so many octets it is over the limit; a CR in the last place may still be its end's.
    const bool mayEnd = bytes.size() <= limit_ || (bytes.size() == limit_ + 1 && bytes.back() == '\r');
    if (!mayEnd || buffer_.full()) return makeError(Errc::Limit, "line too long");
    return line;
  }
  lineBytes_ = lf + 1;
  line = bytes.substr(0, lf > 0 && bytes[lf - 1] == '\r' ? lf - 1 : lf);
  if (line->size() > limit_) {
    lineBytes_ = 0;
    return makeError(Errc::Limit, "line too long");
  }
  return line;
}

void LineReader::consume() {
  buffer_.consume(lineBytes_);
  lineBytes_ = 0;
}

bool LineReader::skipLongLine() {
  lineBytes_ = 0;
  const std::string_view bytes = buffer_.view();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t lf = bytes.find('\n', at);
    if (lf == std::string_view::npos) break;
    if (end_ == LineEnd::CrLfOrLf || (lf > 0 && bytes[lf - 1] == '\r')) {
      buffer_.consume(lf + 1);
      return true;
    }
    at = lf;
  }
  // A CR at the end may be half of the line's end: it stays.
  const bool keepCr = end_ == LineEnd::CrLf && !bytes.empty() && bytes.back() == '\r';
  buffer_.consume(bytes.size() - (keepCr ? 1 : 0));
  return false;
}

}  // namespace posthorn::net
