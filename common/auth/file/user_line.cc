// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/user_line.h"

#include <algorithm>
#include <iterator>

#include "common/auth/login_name.h"
#include "common/auth/password.h"
#include "common/auth/service_access.h"
#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

Error invalid(std::string text) {
  return makeError(Errc::Invalid, std::move(text));
}

std::string escape(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ':') {
      out += "%3A";
    } else if (c == '%') {
      out += "%25";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

int hexDigit(char c) {
  if (ascii::isDigit(c)) return c - '0';
  const char lower = ascii::lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hexDigit(text[i + 1]);
    const int low = hexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

constexpr std::string_view kDomainKeys[] = {"inetDomainStatus", "mailDomainStatus",
                                            "mailAllowedServiceAccess"};

struct Pair {
  std::string_view key;
  std::string value;
};

// The fields behind name and hash. Each key at most once, each value not empty.
Result<std::vector<Pair>> parsePairs(const std::vector<std::string_view>& fields) {
  std::vector<Pair> pairs;
  for (std::size_t i = 2; i < fields.size(); ++i) {
    const std::size_t equals = fields[i].find('=');
    if (equals == std::string_view::npos || equals == 0)
      return invalid("field " + std::to_string(i + 1) + " is not key=value");
    Pair pair{fields[i].substr(0, equals), {}};
    auto value = unescape(fields[i].substr(equals + 1));
    if (!value || value->empty())
      return invalid("the value of " + ascii::printable(pair.key, 40) + " is empty or wrongly escaped");
    for (const Pair& earlier : pairs)
      if (ascii::equal(earlier.key, pair.key)) return invalid(ascii::printable(pair.key, 40) + " twice");
    pair.value = *std::move(value);
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

Result<std::vector<std::string_view>> fieldsOf(std::string_view line) {
  if (line.size() > kMaxUserLine) return invalid("the line is longer than 8192 octets");
  for (const char c : line)
    if (ascii::isControl(c)) return invalid("the line has control characters");
  auto fields = ascii::split(line, ':');
  if (fields.size() < 2) return invalid("the line is not name:hash");
  return fields;
}

void append(std::string& line, std::string_view key, std::string_view value) {
  if (!value.empty()) line.append(":").append(key).append("=").append(escape(value));
}

}  // namespace

Result<UserLine> parseUserLine(std::string_view line) {
  PH_TRY(const auto fields, fieldsOf(line));
  PH_TRY(const auto pairs, parsePairs(fields));
  UserLine user;
  PH_CHECK(checkName(fields[0], ""));
  user.account.id = fields[0];
  user.account.entry = fields[0];
  const std::string_view hash = fields[1];
  if (!hash.empty() && hash.front() != '!' && hash.front() != '*') {
    PH_TRY(user.hash, parseHash(hash));
  }
  for (const Pair& pair : pairs) {
    const Attribute* attribute = findAttribute(pair.key);
    // Only the directory's names stand in the file; the short words are msuser's.
    if (attribute == nullptr || !ascii::equal(attribute->key, pair.key))
      return invalid(ascii::printable(pair.key, 40) + " is not an attribute of users");
    PH_CHECK(attribute->set(user.account, pair.value));
  }
  return user;
}

Result<DomainLine> parseDomainLine(std::string_view line) {
  PH_TRY(const auto fields, fieldsOf(line));
  PH_TRY(const auto pairs, parsePairs(fields));
  DomainLine domain;
  if (fields[0].empty() || fields[0].front() != '@') return invalid("a domain's line starts with @");
  domain.domain = fields[0].substr(1);
  PH_CHECK(checkDomain(domain.domain));
  if (!fields[1].empty()) return invalid("a domain has no password");
  for (const Pair& pair : pairs) {
    if (std::none_of(std::begin(kDomainKeys), std::end(kDomainKeys),
                     [&](std::string_view key) { return ascii::equal(key, pair.key); }))
      return invalid(ascii::printable(pair.key, 40) + " is not an attribute of domains");
    PH_CHECK(setDomainAttribute(domain, pair.key, pair.value));
  }
  return domain;
}

Status setDomainAttribute(DomainLine& domain, std::string_view name, std::string_view value) {
  const auto is = [&](std::string_view key, std::string_view word) {
    return ascii::equal(key, name) || ascii::equal(word, name);
  };
  if (is("mailAllowedServiceAccess", "services")) {
    if (!value.empty()) PH_CHECK(ServiceAccess::parse(value));
    domain.services = value.empty() ? std::nullopt : std::optional<std::string>(value);
    return okStatus();
  }
  const bool inet = is("inetDomainStatus", "inetstatus");
  if (!inet && !is("mailDomainStatus", "status"))
    return invalid("a domain has status, inetstatus and services, not " + ascii::printable(name, 40));
  const auto status = value.empty() ? AccountStatus::Active : parseStatus(value);
  if (!status) return invalid(ascii::printable(value, 40) + " is not a status");
  (inet ? domain.inetStatus : domain.mailStatus) = *status;
  return okStatus();
}

std::string formatUserLine(const UserLine& user) {
  std::string line = user.account.id + ":";
  if (!user.hash.empty()) line.append("{CRYPT}").append(user.hash);
  for (const Attribute& attribute : userAttributes())
    append(line, attribute.key, attribute.get(user.account));
  return line;
}

std::string formatDomainLine(const DomainLine& domain) {
  std::string line = "@" + domain.domain + ":";
  if (domain.inetStatus != AccountStatus::Active)
    append(line, "inetDomainStatus", toString(domain.inetStatus));
  if (domain.mailStatus != AccountStatus::Active)
    append(line, "mailDomainStatus", toString(domain.mailStatus));
  append(line, "mailAllowedServiceAccess", domain.services.value_or(""));
  return line;
}

std::string_view nameOfLine(std::string_view line) {
  if (line.empty() || line.front() == '#') return {};
  return line.substr(0, line.find(':'));
}

}  // namespace posthorn::auth
