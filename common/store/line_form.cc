// SPDX-License-Identifier: Apache-2.0
#include "common/store/line_form.h"

#include <algorithm>

namespace posthorn::store {

void LineForm::feed(View part, Bytes& out) {
  while (!part.empty()) {
    const auto newline = part.find('\n');
    putLine(part.substr(0, newline), out);
    if (newline == View::npos) return;
    endLine(out);
    part.remove_prefix(newline + 1);
  }
}

void LineForm::putLine(View text, Bytes& out) {
  if (text.empty()) return;
  if (atLineStart_ && text.front() == '.') dotLines_ = true;
  atLineStart_ = false;
  lastWasCr_ = text.back() == '\r';
  octets_ += text.size();
  unsigned char all = 0;
  for (const char c : text) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  if (all > 0x7F) eightBit_ = true;
  if (!hasNul_ && text.find('\0') != View::npos) hasNul_ = true;
  out.append(text);
}

void LineForm::endLine(Bytes& out) {
  if (!lastWasCr_) {
    out.push_back('\r');
    ++octets_;
  }
  out.push_back('\n');
  ++octets_;
  ++lines_;
  if (headerLength_ == 0 && octets_ - lineStart_ == 2) headerLength_ = octets_;
  lineStart_ = octets_;
  atLineStart_ = true;
  lastWasCr_ = false;
}

}  // namespace posthorn::store
