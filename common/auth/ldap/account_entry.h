// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/auth/account.h"
#include "common/auth/ldap/domain_entry.h"
#include "common/auth/ldap/entry.h"
#include "common/base/result.h"

namespace posthorn::auth::ldap {

/// What is asked of users' entries.
const std::vector<std::string>& accountAttributes();

/// The account that a user's entry describes. `domain` is the one in whose tree it was found, null when
/// domains are not looked up (auth.searchfordomain: no). Corrupt, with a text that names entry and attribute,
/// when a value that decides something cannot be used: several uids or none, a uid that cannot be a mailbox
/// owner or claims another domain, several values where one is expected, a quota or host that is not one.
/// Such an account is refused until it is mended; nothing is guessed. Pure.
Result<Account> toAccount(const Entry& entry, const Domain* domain, const std::string& defaultDomain);

}  // namespace posthorn::auth::ldap
