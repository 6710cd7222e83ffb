// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/mutf7.h"

#include "common/base/ascii.h"
#include "common/base/utf8.h"

namespace posthorn::imap {
namespace {

std::optional<std::uint32_t> base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  if (c == ',') return 63;
  return std::nullopt;
}

/// Takes UTF-16 units and writes UTF-8.
class UnitSink {
 public:
  explicit UnitSink(std::string& out) : out_(out) {}

  bool put(std::uint32_t unit) {
    if (high_ != 0) {
      if (unit < 0xDC00 || unit > 0xDFFF) return false;
      utf8::append(out_, 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00));
      high_ = 0;
      return true;
    }
    if (unit >= 0xDC00 && unit <= 0xDFFF) return false;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      high_ = unit;
      return true;
    }
    // ASCII stands for itself, and control characters have no place in a name.
    if (unit < 0x80) return false;
    utf8::append(out_, unit);
    return true;
  }
  [[nodiscard]] bool whole() const { return high_ == 0; }

 private:
  std::string& out_;
  std::uint32_t high_ = 0;
};

/// The characters between "&" and "-"; there is at least one.
bool decodeRun(View run, std::string& out) {
  UnitSink sink(out);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : run) {
    const auto value = base64Value(c);
    if (!value) return false;
    bits = (bits << 6) | *value;
    count += 6;
    if (count < 16) continue;
    count -= 16;
    if (!sink.put((bits >> count) & 0xFFFF)) return false;
    bits &= (1U << count) - 1;
  }
  return sink.whole() && count < 6 && bits == 0;
}

}  // namespace

std::optional<std::string> decodeMutf7(View text) {
  std::string out;
  out.reserve(text.size());
  bool afterRun = false;
  while (!text.empty()) {
    const char c = text.front();
    if (ascii::isControl(c) || static_cast<unsigned char>(c) >= 0x80) return std::nullopt;
    text.remove_prefix(1);
    if (c != '&') {
      out.push_back(c);
      afterRun = false;
      continue;
    }
    const std::size_t end = text.find('-');
    if (end == View::npos) return std::nullopt;
    if (end == 0) {
      out.push_back('&');
    } else if (afterRun || !decodeRun(text.substr(0, end), out)) {
      return std::nullopt;
    }
    afterRun = end != 0;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace posthorn::imap
