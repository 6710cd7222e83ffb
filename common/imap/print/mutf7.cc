// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/mutf7.h"

#include "common/base/utf8.h"

namespace posthorn::imap {
namespace {

constexpr View kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool isDirect(char c) {
  return c >= 0x20 && c <= 0x7E;
}

/// One run of base64 from "&" to "-".
class Run {
 public:
  explicit Run(std::string& out) : out_(out) { out_.push_back('&'); }

  void put(std::uint32_t codePoint) {
    if (codePoint < 0x10000) return unit(codePoint);
    unit(0xD800 + ((codePoint - 0x10000) >> 10));
    unit(0xDC00 + ((codePoint - 0x10000) & 0x3FF));
  }
  void end() {
    if (count_ > 0) out_.push_back(kAlphabet[(bits_ << (6 - count_)) & 0x3F]);
    out_.push_back('-');
  }

 private:
  void unit(std::uint32_t value) {
    bits_ = (bits_ << 16) | value;
    count_ += 16;
    while (count_ >= 6) {
      count_ -= 6;
      out_.push_back(kAlphabet[(bits_ >> count_) & 0x3F]);
    }
    bits_ &= (1U << count_) - 1;
  }

  std::string& out_;
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
};

}  // namespace

void putMutf7(std::string& out, View utf8) {
  while (!utf8.empty()) {
    if (isDirect(utf8.front())) {
      out.push_back(utf8.front());
      if (utf8.front() == '&') out.push_back('-');
      utf8.remove_prefix(1);
      continue;
    }
    Run run(out);
    while (!utf8.empty() && !isDirect(utf8.front())) run.put(utf8::take(utf8));
    run.end();
  }
}

}  // namespace posthorn::imap
