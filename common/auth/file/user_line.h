// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/account.h"
#include "common/base/result.h"

namespace posthorn::auth {

// The user file (auth.userfile), one line an account or a domain:
//
//   # comment, kept by msuser; empty lines too
//   anna:{CRYPT}$y$j9T$...:mail=anna@example.com:cn=Anna Ander:mailQuota=100M
//   bert@hosted.example:{CRYPT}$6$...:mailUserStatus=inactive
//   @hosted.example::mailDomainStatus=active:mailAllowedServiceAccess=+pop,imap%3A*
//
// Name, hash, then attributes `key=value` with the directory's attribute names, separated by `:`. In values
// `:` and `%` are written %3A and %25. The name is the canonical id: it owns the mailboxes. An empty hash, or
// one that starts with `!` or `*`, fits no password. Every line, the last too, ends with a newline.

/// Octets of one line, without its newline.
inline constexpr std::size_t kMaxUserLine = 8192;

/// One account's line. account.id is its name.
struct UserLine {
  Account account;
  std::string hash;  ///< as libxcrypt writes it; empty: no password fits
};

/// One domain's line.
struct DomainLine {
  std::string domain;
  AccountStatus inetStatus = AccountStatus::Active;
  AccountStatus mailStatus = AccountStatus::Active;
  std::optional<std::string> services;
};

/// Strict: an unknown, repeated or malformed attribute is an error (Invalid), because what it should have
/// restricted would be open. The text says what is wrong, without the hash.
Result<UserLine> parseUserLine(std::string_view line);
Result<DomainLine> parseDomainLine(std::string_view line);

/// The line without its newline; parses to the same value.
std::string formatUserLine(const UserLine& user);
std::string formatDomainLine(const DomainLine& domain);

/// What stands before the first colon; empty for comments and empty lines.
std::string_view nameOfLine(std::string_view line);

/// Sets one attribute of a domain: mailDomainStatus (status), inetDomainStatus (inetstatus),
/// mailAllowedServiceAccess (services). Empty text takes it away. Invalid for others and for bad values.
Status setDomainAttribute(DomainLine& domain, std::string_view name, std::string_view value);

/// One attribute that `msuser set` knows. `word` is the short name on the command line.
struct Attribute {
  std::string_view key;   ///< in the file and in LDAP: "mailQuota"
  std::string_view word;  ///< for people: "quota"
  std::string_view help;
  /// Empty text takes the value away. Invalid when the value is not understood.
  Status (*set)(Account& account, std::string_view value);
  /// As the file writes it; empty when there is none.
  std::string (*get)(const Account& account);
};

/// All of them, in the order in which lines and listings show them.
const std::vector<Attribute>& userAttributes();
/// By key or by word, any case; null when there is none.
const Attribute* findAttribute(std::string_view name);

}  // namespace posthorn::auth
