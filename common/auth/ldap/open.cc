// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/open.h"

#include "common/auth/ldap/directory.h"

namespace posthorn::auth {

std::unique_ptr<Directory> openLdapDirectory(const Settings& settings, const Clock& clock) {
  return std::make_unique<ldap::LdapDirectory>(
      settings.ldap, settings.defaultDomain,
      [&clock](const LdapSettings& own) { return ldap::libldapConnector(own, clock); }, clock);
}

}  // namespace posthorn::auth
