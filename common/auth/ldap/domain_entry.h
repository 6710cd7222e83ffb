// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/account.h"
#include "common/auth/ldap/entry.h"
#include "common/auth/ldap/filter.h"
#include "common/auth/ldap/settings.h"
#include "common/base/result.h"

namespace posthorn::auth::ldap {

/// What the directory says of one mail domain: a value.
struct Domain {
  std::string name;                      ///< canonical, lower case: what stands in account ids
  std::vector<std::string> names;        ///< all that it goes by, `name` included
  std::string entry;                     ///< DN of the entry that says so
  std::string baseDn;                    ///< its users are under it
  bool isDefault = false;                ///< ids of its users have no domain part
  std::optional<FilterTemplate> filter;  ///< inetDomainSearchFilter
  std::string filterText;                ///< the same as written
  std::string uidSeparator;              ///< domainUidSeparator; empty: uids are plain
  AccountStatus inetStatus = AccountStatus::Active;
  AccountStatus mailStatus = AccountStatus::Active;
  std::optional<std::string> services;  ///< mailDomainAllowedServiceAccess
  std::string preferredLanguage;
  std::optional<std::string> mailQuota;     ///< for users without one of their own, as written
  std::optional<std::string> mailMsgQuota;  ///< likewise
};

/// What is asked of domain entries.
const std::vector<std::string>& domainAttributes();

/// A domain from its entry. `asked` is the name under which it was found (lower case); Schema 1 entries do
/// not hold it. Corrupt when a value cannot be used: a filter that is passed over would let in whom it kept
/// out. The base DN is the entry's own when it names no other (Schema 2), and has to be named in Schema 1.
Result<Domain> toDomain(const Entry& entry, LdapSchema schema, std::string_view asked);

/// For an index node whose inetDomainBaseDN leads to the organisation itself: what the index does not say,
/// the organisation says; a status or service rule of either keeps users out.
Result<Domain> withOrganisation(Domain index, const Entry& organisation);

/// One status attribute: missing is active, an illegal value inactive (facts 4.3), several are Corrupt.
Result<AccountStatus> statusOf(const Entry& entry, std::string_view name);

}  // namespace posthorn::auth::ldap
