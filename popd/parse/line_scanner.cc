// SPDX-License-Identifier: Apache-2.0
#include "popd/parse/line_scanner.h"

#include <cstring>

namespace posthorn::popd {

bool LineScanner::lineEnded(bool blank) {
  if (!bodyLines_) return false;
  if (inBody_) {
    --*bodyLines_;
  } else if (blank) {
    inBody_ = true;
  }
  return inBody_ && *bodyLines_ == 0;
}

LineScanner::Window LineScanner::scan(View window) {
  Window found;
  std::size_t line = 0;  // where the current line begins in this window
  while (line < window.size()) {
    if (lineOctets_ == 0 && window[line] == '.') found.dots.push_back(static_cast<std::uint32_t>(line));
    const void* hit = std::memchr(window.data() + line, '\n', window.size() - line);
    if (hit == nullptr) {
      lineOctets_ += window.size() - line;
      line = window.size();
      break;
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(hit) - window.data());
    const std::uint64_t octets = lineOctets_ + (end - line);
    const char before = end > 0 ? window[end - 1] : last_;
    const bool blank = octets == 0 || (octets == 1 && before == '\r');
    lineOctets_ = 0;
    line = end + 1;
    if (lineEnded(blank)) {
      finished_ = true;
      break;
    }
  }
  found.take = line;
  if (line > 0) {
    const char before = line > 1 ? window[line - 2] : last_;
    endsWithCrlf_ = window[line - 1] == '\n' && before == '\r';
    last_ = window[line - 1];
  }
  return found;
}

}  // namespace posthorn::popd
