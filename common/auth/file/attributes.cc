// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "common/auth/file/user_line.h"
#include "common/auth/login_name.h"
#include "common/auth/service_access.h"
#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

Error bad(std::string_view what, std::string_view value) {
  return makeError(Errc::Invalid, std::string(what) + ": " + ascii::printable(value, 80));
}

// Text for people: UTF-8 without control characters. Empty is for the caller to judge.
bool isText(std::string_view value) {
  constexpr std::size_t kMaxText = kMaxName;
  if (value.size() > kMaxText || std::any_of(value.begin(), value.end(), ascii::isControl)) return false;
  return value.empty() || std::all_of(value.begin(), value.end(), [](char c) { return c > 0; }) ||
         prepareQuery(value).has_value();
}

// A word that may become part of a path or a list.
bool isWord(std::string_view value) {
  constexpr std::size_t kMaxWord = 64;
  return !value.empty() && value.size() <= kMaxWord && std::all_of(value.begin(), value.end(), [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_';
  });
}

Status setMail(Account& account, std::string_view value) {
  constexpr std::size_t kMaxAddresses = 50;
  std::vector<std::string> addresses;
  for (std::string_view part : ascii::words(value, ", ")) {
    const std::size_t at = part.rfind('@');
    if (at == std::string_view::npos || at == 0 || part.size() > kMaxId || !isText(part))
      return bad("not a mail address", part);
    std::string address = ascii::toLower(part);
    PH_CHECK(checkDomain(std::string_view(address).substr(at + 1)));
    if (std::find(addresses.begin(), addresses.end(), address) != addresses.end())
      return bad("a mail address twice", part);
    addresses.push_back(std::move(address));
  }
  if (addresses.size() > kMaxAddresses) return bad("more than 50 mail addresses", addresses.back());
  account.mail = std::move(addresses);
  return okStatus();
}
std::string getMail(const Account& account) {
  std::string out;
  for (const std::string& address : account.mail) out += (out.empty() ? "" : ",") + address;
  return out;
}

Status setName(Account& account, std::string_view value) {
  if (!isText(value)) return bad("not a name of at most 511 octets without control characters", value);
  account.displayName = value;
  return okStatus();
}
std::string getName(const Account& account) {
  return account.displayName;
}

Status setMailHost(Account& account, std::string_view value) {
  std::string host = ascii::toLower(value);
  if (!host.empty()) PH_CHECK(checkDomain(host));
  account.mailHost = std::move(host);
  return okStatus();
}
std::string getMailHost(const Account& account) {
  return account.mailHost;
}

template <std::optional<std::int64_t> Account::*Member>
Status setQuota(Account& account, std::string_view value) {
  if (value.empty()) {
    (account.*Member).reset();
    return okStatus();
  }
  const auto quota = parseQuota(value);
  if (!quota) return bad("not a quota (a number with K, M or G, at most 4096G; -1 unlimited; 0 none)", value);
  account.*Member = quota->amount;
  return okStatus();
}
template <std::optional<std::int64_t> Account::*Member>
std::string getQuota(const Account& account) {
  return account.*Member ? std::to_string(*(account.*Member)) : std::string();
}

template <AccountStatus StatusChain::*Member>
Status setStatus(Account& account, std::string_view value) {
  const auto status = value.empty() ? AccountStatus::Active : parseStatus(value);
  if (!status) return bad("not a status (active inactive deleted removed disabled hold overquota)", value);
  account.status.*Member = *status;
  return okStatus();
}
template <AccountStatus StatusChain::*Member>
std::string getStatus(const Account& account) {
  const AccountStatus status = account.status.*Member;
  return status == AccountStatus::Active ? std::string() : std::string(toString(status));
}

Status setServices(Account& account, std::string_view value) {
  if (value.empty()) {
    account.userServices.reset();
    return okStatus();
  }
  PH_CHECK(ServiceAccess::parse(value));
  account.userServices = std::string(value);
  return okStatus();
}
std::string getServices(const Account& account) {
  return account.userServices.value_or("");
}

template <std::string Account::*Member>
Status setWord(Account& account, std::string_view value) {
  if (!value.empty() && !isWord(value)) return bad("not a word of letters, digits, '-' and '_'", value);
  account.*Member = value;
  return okStatus();
}
template <std::string Account::*Member>
std::string getWord(const Account& account) {
  return account.*Member;
}

}  // namespace

const std::vector<Attribute>& userAttributes() {
  static const std::vector<Attribute> kAttributes{
      {"mail", "mail", "mail addresses, the primary one first, with commas between them", setMail, getMail},
      {"cn", "name", "the name that people read", setName, getName},
      {"mailHost", "host", "the host that keeps the mailbox", setMailHost, getMailHost},
      {"mailQuota", "quota", "octets: a number with K, M or G; -1 unlimited, 0 none",
       setQuota<&Account::mailQuota>, getQuota<&Account::mailQuota>},
      {"mailMsgQuota", "messages", "how many messages; -1 unlimited, 0 none",
       setQuota<&Account::mailMsgQuota>, getQuota<&Account::mailMsgQuota>},
      {"inetUserStatus", "inetstatus", "active, inactive, deleted, removed, disabled, hold or overquota",
       setStatus<&StatusChain::inetUser>, getStatus<&StatusChain::inetUser>},
      {"mailUserStatus", "status", "active, inactive, deleted, removed, disabled, hold or overquota",
       setStatus<&StatusChain::mailUser>, getStatus<&StatusChain::mailUser>},
      {"mailAllowedServiceAccess", "services", "rules such as +pop,imap:*", setServices, getServices},
      {"mailMessageStore", "partition", "the partition of the mailbox", setWord<&Account::partition>,
       getWord<&Account::partition>},
      {"preferredLanguage", "language", "the language of texts to this user",
       setWord<&Account::preferredLanguage>, getWord<&Account::preferredLanguage>},
  };
  return kAttributes;
}

const Attribute* findAttribute(std::string_view name) {
  for (const Attribute& attribute : userAttributes())
    if (ascii::equal(attribute.key, name) || ascii::equal(attribute.word, name)) return &attribute;
  return nullptr;
}

}  // namespace posthorn::auth
