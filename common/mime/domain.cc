// SPDX-License-Identifier: Apache-2.0
#include "common/mime/domain.h"

#include <algorithm>
#include <array>
#include <memory>

#include <unicode/uidna.h>

#include "common/base/ascii.h"

namespace posthorn::mime {

namespace {

constexpr std::size_t kLongestDomain = 255;
constexpr std::size_t kLongestLabel = 63;

bool isDomain(View text) {
  if (text.empty() || text.size() > kLongestDomain) return false;
  const auto labels = ascii::split(text, '.');
  return std::all_of(labels.begin(), labels.end(), [](View label) {
    const auto fits = [](char c) { return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), fits);
  });
}

std::optional<Bytes> translated(View utf8) {
  UErrorCode status = U_ZERO_ERROR;
  constexpr std::uint32_t kOptions = UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ;
  const std::unique_ptr<UIDNA, decltype(&uidna_close)> idna(uidna_openUTS46(kOptions, &status), uidna_close);
  if (U_FAILURE(status) != 0) return std::nullopt;
  std::array<char, kLongestDomain + 1> out{};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const auto length =
      uidna_nameToASCII_UTF8(idna.get(), utf8.data(), static_cast<std::int32_t>(utf8.size()), out.data(),
                             static_cast<std::int32_t>(out.size()), &info, &status);
  if (U_FAILURE(status) != 0 || info.errors != 0) return std::nullopt;
  return Bytes(out.data(), static_cast<std::size_t>(length));
}

}  // namespace

std::optional<Bytes> asciiDomain(View utf8) {
  if (utf8.empty() || utf8.size() > 4 * kLongestDomain) return std::nullopt;
  const bool ascii = std::all_of(utf8.begin(), utf8.end(), [](char c) { return c > 0; });
  const std::optional<Bytes> domain = ascii ? std::optional(Bytes(utf8)) : translated(utf8);
  return domain && isDomain(*domain) ? domain : std::nullopt;
}

}  // namespace posthorn::mime
