// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/ascii.h"
#include "mshttpd/jmap/method.h"

// "anna@example.com" is "anna_40example_2Ecom": of the characters that an id may have (RFC 8620 1.2), '_'
// begins an octet in hexadecimal, so that every user has one id and every id one user.

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string accountId(std::string_view canonicalUser) {
  std::string out;
  for (const char c : canonicalUser) {
    const auto octet = static_cast<unsigned char>(c);
    if (plain(c))
      out.push_back(c);
    else
      out.append({'_', kHex[octet >> 4], kHex[octet & 15]});
  }
  return out;
}

std::optional<std::string> userOf(std::string_view id) {
  std::string out;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (plain(id[i])) {
      out.push_back(id[i]);
      continue;
    }
    if (id[i] != '_' || i + 2 >= id.size()) return std::nullopt;
    const auto high = kHex.find(id[i + 1]);
    const auto low = kHex.find(id[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  // An escape of a character that needs none would be a second id of the same user.
  return !out.empty() && accountId(out) == id ? std::optional(out) : std::nullopt;
}

}  // namespace posthorn::mshttpd::jmap
