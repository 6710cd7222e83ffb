// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/unicode_text.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

namespace posthorn::mshttpd::jmap {

std::string wellFormed(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  while (!octets.empty()) {
    if (octets.front() == '\0') {
      octets.remove_prefix(1);
      continue;
    }
    utf8::append(out, utf8::take(octets));
  }
  return out;
}

std::string toNfc(std::string_view text) {
  std::string clean = wellFormed(text);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status) != 0) return clean;
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  nfc->normalizeUTF8(0, icu::StringPiece(clean.data(), static_cast<std::int32_t>(clean.size())), sink,
                     nullptr, status);
  return U_FAILURE(status) != 0 ? clean : out;
}

std::string withoutControls(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (const char c : utf8) {
    if (c == '\t' || !ascii::isControl(c)) out.push_back(c);
  }
  return out;
}

std::string_view cutText(std::string_view utf8, std::size_t most) {
  if (utf8.size() <= most) return utf8;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xC0) == 0x80) --end;
  return utf8.substr(0, end);
}

}  // namespace posthorn::mshttpd::jmap
