// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/domain_entry.h"

#include <algorithm>
#include <utility>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"
#include "common/config/search_filter.h"

namespace posthorn::auth::ldap {
namespace {

Error corrupt(const Entry& entry, const std::string& what) {
  return makeError(Errc::Corrupt, entry.dn + ": " + what);
}

Result<std::string> domainName(const Entry& entry, const std::string& attribute, const std::string& value) {
  std::string name = ascii::toLower(value);
  if (!checkDomain(name).ok())
    return corrupt(entry, attribute + " '" + ascii::printable(value, 60) + "' is not a domain name");
  return name;
}

// The canonical name and all names. The attribute made for it decides, then the organisation's first name,
// then the one that was asked for.
Status readNames(const Entry& entry, LdapSchema schema, std::string_view asked, Domain& domain) {
  const auto add = [&domain](std::string name) {
    if (std::find(domain.names.begin(), domain.names.end(), name) == domain.names.end())
      domain.names.push_back(std::move(name));
  };
  PH_TRY(const auto canonical, entry.single("inetcanonicaldomainname"));
  std::optional<std::string> preferred;
  if (schema == LdapSchema::Two) {
    PH_TRY(preferred, entry.single("sunpreferreddomain"));
  }
  for (const auto& [attribute, value] :
       {std::pair{"inetCanonicalDomainName", canonical}, {"sunPreferredDomain", preferred}}) {
    if (!value) continue;
    PH_TRY(auto name, domainName(entry, attribute, *value));
    add(std::move(name));
  }
  if (!asked.empty()) add(std::string(asked));
  if (schema == LdapSchema::Two) {
    // Alias names are looked at by nobody but the default domain's test: a bad one harms only itself.
    for (const std::string& value : entry.values("associateddomain"))
      if (checkDomain(ascii::toLower(value)).ok()) add(ascii::toLower(value));
  }
  if (domain.names.empty()) return corrupt(entry, "has no domain name");
  domain.name = domain.names.front();
  return okStatus();
}

Status readFilter(const Entry& entry, Domain& domain) {
  PH_TRY(const auto text, entry.single("inetdomainsearchfilter"));
  if (!text) return okStatus();
  auto filter = FilterTemplate::parse(*text);
  if (!filter) return corrupt(entry, "inetDomainSearchFilter: " + filter.error().text);
  domain.filter = *std::move(filter);
  domain.filterText = *text;
  return okStatus();
}

Status readSeparator(const Entry& entry, Domain& domain) {
  PH_TRY(const auto separator, entry.single("domainuidseparator"));
  if (!separator) return okStatus();
  if (separator->size() != 1 || ascii::isAlpha(separator->front()) || ascii::isDigit(separator->front()))
    return corrupt(entry, "domainUidSeparator is not one sign");
  domain.uidSeparator = *separator;
  return okStatus();
}

// What an index node and its organisation both may say.
Status readCommon(const Entry& entry, Domain& domain) {
  PH_TRY(domain.inetStatus, statusOf(entry, "inetdomainstatus"));
  PH_TRY(domain.mailStatus, statusOf(entry, "maildomainstatus"));
  PH_TRY(domain.services, entry.single("maildomainallowedserviceaccess"));
  PH_TRY(domain.mailQuota, entry.single("mailquota"));
  PH_TRY(domain.mailMsgQuota, entry.single("mailmsgquota"));
  PH_TRY(auto language, entry.single("preferredlanguage"));
  domain.preferredLanguage = std::move(language).value_or("");
  PH_CHECK(readFilter(entry, domain));
  return readSeparator(entry, domain);
}

}  // namespace

const std::vector<std::string>& domainAttributes() {
  static const std::vector<std::string> kNames{"sunPreferredDomain",
                                               "associatedDomain",
                                               "inetDomainBaseDN",
                                               "aliasedObjectName",
                                               "inetCanonicalDomainName",
                                               "inetDomainSearchFilter",
                                               "domainUidSeparator",
                                               "inetDomainStatus",
                                               "mailDomainStatus",
                                               "mailDomainAllowedServiceAccess",
                                               "preferredLanguage",
                                               "mailQuota",
                                               "mailMsgQuota"};
  return kNames;
}

Result<AccountStatus> statusOf(const Entry& entry, std::string_view name) {
  const auto& all = entry.values(name);
  if (all.empty()) return AccountStatus::Active;
  if (all.size() > 1) return corrupt(entry, "has several values of " + std::string(name));
  return parseStatus(ascii::trim(all.front())).value_or(AccountStatus::Inactive);
}

Result<Domain> toDomain(const Entry& entry, LdapSchema schema, std::string_view asked) {
  Domain domain;
  domain.entry = entry.dn;
  PH_CHECK(readNames(entry, schema, asked, domain));
  PH_TRY(const auto base, entry.single("inetdomainbasedn"));
  if (base) {
    if (auto trouble = config::distinguishedNameTrouble(*base); !trouble.empty())
      return corrupt(entry, "inetDomainBaseDN: " + trouble);
    domain.baseDn = *base;
  } else if (schema == LdapSchema::One) {
    return corrupt(entry, "has no inetDomainBaseDN");
  } else {
    domain.baseDn = entry.dn;
  }
  PH_CHECK(readCommon(entry, domain));
  return domain;
}

Result<Domain> withOrganisation(Domain index, const Entry& organisation) {
  Domain own;
  PH_CHECK(readCommon(organisation, own));
  // A node that says "active" where the organisation is shut must not open it.
  if (index.inetStatus == AccountStatus::Active) index.inetStatus = own.inetStatus;
  if (index.mailStatus == AccountStatus::Active) index.mailStatus = own.mailStatus;
  if (!index.services) index.services = own.services;
  if (!index.mailQuota) index.mailQuota = own.mailQuota;
  if (!index.mailMsgQuota) index.mailMsgQuota = own.mailMsgQuota;
  if (index.preferredLanguage.empty()) index.preferredLanguage = own.preferredLanguage;
  if (index.uidSeparator.empty()) index.uidSeparator = own.uidSeparator;
  if (!index.filter) {
    index.filter = std::move(own.filter);
    index.filterText = std::move(own.filterText);
  }
  return index;
}

}  // namespace posthorn::auth::ldap
