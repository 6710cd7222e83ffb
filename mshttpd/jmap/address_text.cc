// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/address_text.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/mime/domain.h"
#include "common/mime/encode.h"

namespace posthorn::mshttpd::jmap {

namespace {

// RFC 5321 4.5.3.1.1 to 4.5.3.1.3; a path's brackets taken off.
constexpr std::size_t kLongestLocal = 64;
constexpr std::size_t kLongestAddress = 254;
constexpr std::size_t kLongestDraft = 900;

Error invalid(std::string_view email, std::string_view why) {
  std::string text = "\"" + std::string(email.substr(0, 100)) + "\" " + std::string(why);
  return Error{Errc::Invalid, text, text};
}

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Whether it is a quoted-string of RFC 5321 (blanks, but no controls).
bool isQuoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' || (text[i] == '\\' && ++i == text.size())) return false;
  }
  return true;
}

bool isLiteral(std::string_view domain) {
  return domain.size() > 2 && domain.front() == '[' && domain.back() == ']' &&
         std::all_of(domain.begin() + 1, domain.end() - 1, [](char c) {
           return ascii::isAlpha(c) || ascii::isDigit(c) || c == '.' || c == ':' || c == '-';
         });
}

std::optional<std::string> spellDomain(std::string_view domain) {
  if (isLiteral(domain)) return std::string(domain);
  return mime::asciiDomain(domain);
}

constexpr std::string_view kNoSmtpUtf8 =
    "has characters beyond ASCII before the @: that needs SMTPUTF8, which this server does not offer";

}  // namespace

Result<std::string> spellForHeader(std::string_view email) {
  if (email.empty()) return invalid(email, "is no address");
  if (email.size() > kLongestDraft) return invalid(email, "is too long");
  if (std::any_of(email.begin(), email.end(), ascii::isControl))
    return invalid(email, "has control characters");
  const std::size_t at = email.rfind('@');
  const std::string_view local = email.substr(0, at);
  if (!isAscii(local)) return invalid(email, kNoSmtpUtf8);
  const auto spellLocal = [](std::string_view text) {
    return mime::isDotAtom(text) || isQuoted(text) ? std::string(text) : mime::quoteString(text);
  };
  if (at == std::string_view::npos) return spellLocal(email);
  const std::optional<std::string> domain = spellDomain(email.substr(at + 1));
  if (domain && !local.empty()) return spellLocal(local) + "@" + *domain;
  if (!isAscii(email)) return invalid(email, "has a domain that cannot be one");
  return mime::quoteString(email);
}

Result<std::string> spellForEnvelope(std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (at == std::string_view::npos || at == 0) return invalid(email, "is no address");
  if (std::any_of(email.begin(), email.end(), ascii::isControl))
    return invalid(email, "has control characters");
  const std::string_view local = email.substr(0, at);
  if (!isAscii(local)) return invalid(email, kNoSmtpUtf8);
  if (!mime::isDotAtom(local) && !isQuoted(local)) return invalid(email, "is no address");
  const std::optional<std::string> domain = spellDomain(email.substr(at + 1));
  if (!domain) return invalid(email, "has a domain that cannot be one");
  std::string out = std::string(local) + "@" + *domain;
  if (local.size() > kLongestLocal || out.size() > kLongestAddress) return invalid(email, "is too long");
  return out;
}

bool sameAddress(std::string_view a, std::string_view b) {
  return ascii::equal(a, b);
}

}  // namespace posthorn::mshttpd::jmap
