// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/filter.h"

#include "common/base/ascii.h"
#include "common/config/search_filter.h"

namespace posthorn::auth::ldap {

void appendHex(std::string& out, char octet) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(octet);
  out += '\\';
  out += kDigits[value >> 4U];
  out += kDigits[value & 0x0FU];
}

std::string escapeFilterValue(std::string_view value) {
  constexpr std::string_view kSpecial = "*()\\";
  std::string out;
  for (const char c : value) {
    const bool plain = c >= 0x20 && c < 0x7F && kSpecial.find(c) == std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      appendHex(out, c);
    }
  }
  return out;
}

std::string equals(std::string_view name, std::string_view value) {
  return "(" + std::string(name) + "=" + escapeFilterValue(value) + ")";
}

Result<FilterTemplate> FilterTemplate::parse(std::string_view text) {
  const std::string_view trimmed = ascii::trim(text);
  if (auto trouble = config::searchFilterTrouble(trimmed); !trouble.empty())
    return makeError(Errc::Invalid, std::move(trouble));
  FilterTemplate out;
  out.text_ = trimmed.front() == '(' ? std::string(trimmed) : "(" + std::string(trimmed) + ")";
  return out;
}

std::string FilterTemplate::expand(const FilterNames& names) const {
  std::string out;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    if (text_[at] != '%') {
      out += text_[at];
      continue;
    }
    switch (text_[++at]) {
      case 'U':
        out += escapeFilterValue(names.user);
        break;
      case 'V':
        out += escapeFilterValue(names.domain);
        break;
      case 'o':
        out += escapeFilterValue(names.original);
        break;
      default:
        out += '%';
        break;
    }
  }
  return out;
}

}  // namespace posthorn::auth::ldap
