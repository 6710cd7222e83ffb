// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/account_entry.h"

#include <algorithm>
#include <utility>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

constexpr std::size_t kMostAddress = 320;
constexpr std::size_t kMostAddresses = 1000;
constexpr std::size_t kMostDisplayName = 255;

Error corrupt(const Entry& entry, const std::string& what) {
  return makeError(Errc::Corrupt, entry.dn + ": " + what);
}

std::string shown(std::string_view value) {
  return "'" + ascii::printable(value, 60) + "'";
}

// A uid with its domain in it has to mean the domain in whose tree it stands: else whoever may write there
// could name a user of his like one of another domain and have that one's mail.
Result<std::string> compoundId(const Entry& entry, const Domain& domain, const std::string& uid,
                               char separator) {
  const std::size_t at = uid.rfind(separator);
  if (at == std::string::npos || at == 0)
    return corrupt(entry, "uid " + shown(uid) + " has no '" + separator + "' in it (domainUidSeparator)");
  const std::string behind = uid.substr(at + 1);
  if (std::find(domain.names.begin(), domain.names.end(), behind) == domain.names.end())
    return corrupt(entry, "uid " + shown(uid) + " names another domain than " + domain.name);
  const std::string user = uid.substr(0, at);
  if (user.find('@') != std::string::npos)
    return corrupt(entry, "uid " + shown(uid) + " cannot own a mailbox");
  return domain.isDefault ? user : user + "@" + domain.name;
}

Result<std::string> idOf(const Entry& entry, const Domain* domain, const std::string& uid,
                         const std::string& defaultDomain) {
  const std::size_t at = uid.rfind('@');
  if (domain == nullptr) {
    if (at != std::string::npos && uid.substr(at + 1) == defaultDomain)
      return corrupt(entry, "uid " + shown(uid) + " holds base.defaultdomain, which ids do not");
    return uid;
  }
  if (!domain->uidSeparator.empty()) return compoundId(entry, *domain, uid, domain->uidSeparator.front());
  if (at != std::string::npos) return compoundId(entry, *domain, uid, '@');
  return domain->isDefault ? uid : uid + "@" + domain->name;
}

Status readId(const Entry& entry, const Domain* domain, const std::string& defaultDomain, Account& account) {
  PH_TRY(const auto uid, entry.single("uid"));
  if (!uid) return corrupt(entry, "has no uid");
  // As a login name is: SASLprep, lower case.
  const auto normal = splitLogin(*uid, "@", "");
  if (!normal) return corrupt(entry, "uid " + shown(*uid) + " cannot be a user's name");
  const std::string plain = normal->domain.empty() ? normal->user : normal->user + "@" + normal->domain;
  PH_TRY(account.id, idOf(entry, domain, plain, defaultDomain));
  if (const Status good = checkName(account.id); !good.ok())
    return corrupt(entry, "uid " + shown(*uid) + " cannot own a mailbox: " + good.error().text);
  return okStatus();
}

Status readMail(const Entry& entry, Account& account) {
  for (const char* name : {"mail", "mailalternateaddress", "mailequivalentaddress"}) {
    for (const std::string& value : entry.values(name)) {
      if (!isText(value, kMostAddress) || account.mail.size() == kMostAddresses)
        return corrupt(entry, std::string(name) + " has a value that cannot be an address, or too many");
      std::string address = ascii::toLower(ascii::trim(value));
      if (std::find(account.mail.begin(), account.mail.end(), address) == account.mail.end())
        account.mail.push_back(std::move(address));
    }
  }
  return okStatus();
}

// Decides nothing: what cannot be shown is left out.
void readDisplayName(const Entry& entry, Account& account) {
  for (const char* name : {"displayname", "cn"}) {
    for (const std::string& value : entry.values(name)) {
      if (!isText(value, kMostDisplayName)) continue;
      account.displayName = value;
      return;
    }
  }
}

Status readHost(const Entry& entry, Account& account) {
  constexpr std::size_t kMostHost = 253;
  PH_TRY(const auto host, entry.single("mailhost"));
  if (!host) return okStatus();
  account.mailHost = ascii::toLower(ascii::trim(*host));
  const bool good = std::all_of(account.mailHost.begin(), account.mailHost.end(), [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '.' || c == '_' || c == ':';
  });
  if (!good || account.mailHost.empty() || account.mailHost.size() > kMostHost)
    return corrupt(entry, "mailHost " + shown(*host) + " is not a host name");
  return okStatus();
}

Status readPartition(const Entry& entry, Account& account) {
  constexpr std::size_t kMostPartition = 100;
  PH_TRY(const auto partition, entry.single("mailmessagestore"));
  if (!partition) return okStatus();
  account.partition = ascii::trim(*partition);
  const bool good = std::all_of(account.partition.begin(), account.partition.end(), [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '.' || c == '_';
  });
  if (!good || account.partition.empty() || account.partition.size() > kMostPartition)
    return corrupt(entry, "mailMessageStore " + shown(*partition) + " is not the name of a partition");
  return okStatus();
}

// "20M;#voice%10M": the total stands first; limits of folders and types behind it are another matter.
Result<std::optional<std::int64_t>> quotaOf(const Entry& entry, const char* name,
                                            const std::optional<std::string>& ofDomain) {
  PH_TRY(auto text, entry.single(name));
  if (!text) text = ofDomain;
  if (!text) return std::optional<std::int64_t>{};
  const auto parsed = parseQuota(ascii::trim(std::string_view(*text).substr(0, text->find(';'))));
  if (!parsed) return corrupt(entry, std::string(name) + " " + shown(*text) + " is not a quota");
  return parsed->amount;
}

Status readStatus(const Entry& entry, const Domain* domain, Account& account) {
  PH_TRY(account.status.inetUser, statusOf(entry, "inetuserstatus"));
  PH_TRY(account.status.mailUser, statusOf(entry, "mailuserstatus"));
  if (domain == nullptr) return okStatus();
  account.status.inetDomain = domain->inetStatus;
  account.status.mailDomain = domain->mailStatus;
  account.domainServices = domain->services;
  return okStatus();
}

}  // namespace

const std::vector<std::string>& accountAttributes() {
  static const std::vector<std::string> kNames{"uid",
                                               "mail",
                                               "mailAlternateAddress",
                                               "mailEquivalentAddress",
                                               "displayName",
                                               "cn",
                                               "mailHost",
                                               "mailMessageStore",
                                               "mailQuota",
                                               "mailMsgQuota",
                                               "inetUserStatus",
                                               "mailUserStatus",
                                               "mailAllowedServiceAccess",
                                               "preferredLanguage"};
  return kNames;
}

Result<Account> toAccount(const Entry& entry, const Domain* domain, const std::string& defaultDomain) {
  Account account;
  account.entry = entry.dn;
  PH_CHECK(readId(entry, domain, defaultDomain, account));
  PH_CHECK(readMail(entry, account));
  readDisplayName(entry, account);
  PH_CHECK(readHost(entry, account));
  PH_CHECK(readPartition(entry, account));
  PH_CHECK(readStatus(entry, domain, account));
  PH_TRY(account.mailQuota, quotaOf(entry, "mailquota", domain ? domain->mailQuota : std::nullopt));
  PH_TRY(account.mailMsgQuota, quotaOf(entry, "mailmsgquota", domain ? domain->mailMsgQuota : std::nullopt));
  PH_TRY(account.userServices, entry.single("mailallowedserviceaccess"));
  PH_TRY(auto language, entry.single("preferredlanguage"));
  account.preferredLanguage = std::move(language).value_or(domain ? domain->preferredLanguage : "");
  return account;
}

}  // namespace posthorn::auth::ldap
