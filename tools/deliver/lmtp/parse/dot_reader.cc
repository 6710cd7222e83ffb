// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/dot_reader.h"

#include <algorithm>

namespace posthorn::deliver::lmtp {

void DotReader::step(char c, std::string& out) {
  if (at_ == At::LineStart && c == '.') {
    at_ = At::Dot;
    return;
  }
  if (at_ == At::Dot && c == '\r') {
    at_ = At::DotCr;
    return;
  }
  if (at_ == At::DotCr) {
    if (c == '\n') {
      ended_ = true;
      return;
    }
    // The line has more: its first dot was doubled, the CR belongs to it.
    out.push_back('\r');
    at_ = At::Cr;
  }
  out.push_back(c);
  at_ = c == '\r' ? At::Cr : c == '\n' && at_ == At::Cr ? At::LineStart : At::Text;
}

DotReader::Taken DotReader::feed(View input, std::string& out) {
  std::size_t at = 0;
  while (at < input.size() && !ended_) {
    if (at_ == At::Text) {
      const std::size_t run = std::min(input.find('\r', at), input.size()) - at;
      out.append(input.substr(at, run));
      at += run;
      if (at == input.size()) break;
    }
    step(input[at++], out);
  }
  return {at, ended_};
}

}  // namespace posthorn::deliver::lmtp
