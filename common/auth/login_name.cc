// SPDX-License-Identifier: Apache-2.0
#include "common/auth/login_name.h"

#include <algorithm>
#include <vector>

#include <openssl/crypto.h>
#include <unicode/usprep.h>
#include <unicode/ustring.h>

#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

using Utf16 = std::vector<UChar>;

void wipe16(Utf16& text) {
  if (!text.empty()) OPENSSL_cleanse(text.data(), text.size() * sizeof(UChar));
}

// Printable ASCII is its own SASLprep.
bool plainAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::optional<Utf16> toUtf16(std::string_view text) {
  Utf16 out(text.size());
  std::int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strFromUTF8(out.data(), static_cast<std::int32_t>(out.size()), &length, text.data(),
                static_cast<std::int32_t>(text.size()), &status);
  if (U_FAILURE(status)) {
    wipe16(out);
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::optional<std::string> toUtf8(const Utf16& text) {
  std::string out(text.size() * 3, '\0');
  std::int32_t length = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &length, text.data(),
              static_cast<std::int32_t>(text.size()), &status);
  if (U_FAILURE(status)) return std::nullopt;
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// The profile is immutable and shared by all threads; it is never closed.
const UStringPrepProfile* saslprep() {
  static const UStringPrepProfile* const kProfile = [] {
    UErrorCode status = U_ZERO_ERROR;
    UStringPrepProfile* profile = usprep_openByType(USPREP_RFC4013_SASLPREP, &status);
    return U_FAILURE(status) ? nullptr : profile;
  }();
  return kProfile;
}

std::optional<std::string> prepare(std::string_view text, std::int32_t options) {
  // NFKC makes at most 18 code units of one; the input is bounded first, so this bounds the output.
  constexpr std::size_t kGrowth = 18;
  if (text.empty() || text.size() > kMaxName) return std::nullopt;
  if (plainAscii(text)) return std::string(text);
  const UStringPrepProfile* profile = saslprep();
  if (profile == nullptr) return std::nullopt;
  auto in = toUtf16(text);
  if (!in) return std::nullopt;
  Utf16 out(in->size() * kGrowth);
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t length =
      usprep_prepare(profile, in->data(), static_cast<std::int32_t>(in->size()), out.data(),
                     static_cast<std::int32_t>(out.size()), options, nullptr, &status);
  std::optional<std::string> result;
  if (U_SUCCESS(status) && length > 0) {
    out.resize(static_cast<std::size_t>(length));
    result = toUtf8(out);
  }
  wipe16(*in);
  wipe16(out);
  return result;
}

std::optional<std::string> lowerCase(const std::string& text) {
  if (plainAscii(text)) return ascii::toLower(text);
  auto in = toUtf16(text);
  if (!in) return std::nullopt;
  Utf16 out(in->size() * 3);
  UErrorCode status = U_ZERO_ERROR;
  const std::int32_t length = u_strToLower(out.data(), static_cast<std::int32_t>(out.size()), in->data(),
                                           static_cast<std::int32_t>(in->size()), "", &status);
  if (U_FAILURE(status)) return std::nullopt;
  out.resize(static_cast<std::size_t>(length));
  return toUtf8(out);
}

// A separator at either end separates nothing.
std::size_t splitPoint(std::string_view text, std::string_view separators) {
  if (text.size() < 3) return std::string_view::npos;
  const std::size_t at = text.find_last_of(separators, text.size() - 2);
  return at == 0 ? std::string_view::npos : at;
}

Status invalid(std::string text) {
  return makeError(Errc::Invalid, std::move(text));
}

constexpr std::string_view kForbidden = "/\\:*%\"(){}<>,;[]@";
constexpr std::string_view kForbiddenFirst = "-.~$#+";
constexpr std::string_view kReserved[] = {"anyone", "anonymous", "owner"};

Status checkUserPart(std::string_view user, std::string_view separators) {
  if (user.empty()) return invalid("a user name must not be empty");
  for (const char c : user) {
    if (ascii::isControl(c) || c == ' ') return invalid("a user name has no blanks or control characters");
    if (kForbidden.find(c) != std::string_view::npos)
      return invalid(std::string("a user name must not contain '") + c + "'");
    if (separators.find(c) != std::string_view::npos)
      return invalid(std::string("'") + c + "' separates user and domain (base.loginseparator): " +
                     "nobody could log in by this name");
  }
  if (kForbiddenFirst.find(user.front()) != std::string_view::npos)
    return invalid(std::string("a user name must not start with '") + user.front() + "'");
  if (user.find("..") != std::string_view::npos) return invalid("a user name must not contain \"..\"");
  for (const std::string_view name : kReserved)
    if (user == name)
      return invalid("\"" + std::string(name) + "\" has a meaning of its own in access lists");
  return okStatus();
}

}  // namespace

std::optional<std::string> prepareQuery(std::string_view text) {
  return prepare(text, USPREP_ALLOW_UNASSIGNED);
}

std::optional<std::string> prepareStored(std::string_view text) {
  return prepare(text, USPREP_DEFAULT);
}

std::optional<LoginName> splitLogin(std::string_view typed, std::string_view separators,
                                    std::string_view defaultDomain) {
  auto prepared = prepareQuery(typed);
  if (!prepared) return std::nullopt;
  auto lower = lowerCase(*prepared);
  if (!lower || lower->size() > kMaxName) return std::nullopt;
  LoginName name;
  name.original = typed;
  const std::size_t at = splitPoint(*lower, separators);
  name.user = lower->substr(0, at);
  name.domain = at == std::string::npos ? std::string(defaultDomain) : lower->substr(at + 1);
  // What is left of a name that could not be split, such as "anna@", is nobody's.
  if (name.user.find('@') != std::string::npos) return std::nullopt;
  name.inDefaultDomain = name.domain == defaultDomain;
  return name;
}

std::string canonicalId(std::string_view user, std::string_view domain, std::string_view defaultDomain) {
  std::string id(user);
  if (!domain.empty() && domain != defaultDomain) id.append("@").append(domain);
  return id;
}

Status checkName(std::string_view name, std::string_view separators) {
  if (name.size() > kMaxId) return invalid("a user name has at most " + std::to_string(kMaxId) + " octets");
  const auto prepared = name.empty() ? std::nullopt : prepareStored(name);
  if (!name.empty() && (!prepared || lowerCase(*prepared) != name))
    return invalid("a user name is lower-case UTF-8 in its normal form (SASLprep, RFC 4013)");
  const std::size_t at = name.rfind('@');
  PH_CHECK(checkUserPart(name.substr(0, at), separators));
  return at == std::string_view::npos ? okStatus() : checkDomain(name.substr(at + 1));
}

Status checkDomain(std::string_view domain) {
  constexpr std::size_t kMaxDomain = 253;
  if (domain.empty() || domain.size() > kMaxDomain) return invalid("a domain has 1 to 253 octets");
  const auto prepared = prepareStored(domain);
  if (!prepared || lowerCase(*prepared) != domain) return invalid("a domain is written in lower case");
  for (const std::string_view label : ascii::split(domain, '.'))
    if (label.empty() || label.front() == '-' || label.back() == '-')
      return invalid("a domain is labels with a '.' between them");
  for (const char c : domain)
    if (!ascii::isAlpha(c) && !ascii::isDigit(c) && c != '-' && c != '.' && c != '_' &&
        static_cast<unsigned char>(c) < 0x80)
      return invalid("a domain has letters, digits, '-' and '.'");
  return okStatus();
}

}  // namespace posthorn::auth
