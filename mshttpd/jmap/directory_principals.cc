// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/directory_principals.h"

#include <utility>

#include "common/auth/login_name.h"

namespace posthorn::mshttpd::jmap {

namespace {

Principal principalOf(const auth::Account& account) {
  return {account.id, account.displayName.empty() ? account.id : account.displayName,
          account.mail.empty() ? std::string() : account.mail.front()};
}

/// Who has left is not told to others.
bool inUse(const auth::Account& account) {
  const auth::AccountStatus status = account.status.deciding();
  return status == auth::AccountStatus::Active || status == auth::AccountStatus::Overquota;
}

}  // namespace

std::string DirectoryPrincipals::domainOf(const std::string& user) const {
  const std::size_t at = user.rfind('@');
  return at == std::string::npos ? logins_->settings()->defaultDomain : user.substr(at + 1);
}

Result<std::vector<Principal>> DirectoryPrincipals::find(const std::string& caller, const std::string& text,
                                                         std::size_t most) {
  PH_TRY(const std::vector<auth::Account> people, logins_->directory().people(domainOf(caller), text, most));
  std::vector<Principal> out;
  for (const auth::Account& account : people)
    if (inUse(account) && domainOf(account.id) == domainOf(caller)) out.push_back(principalOf(account));
  return out;
}

Result<std::optional<Principal>> DirectoryPrincipals::get(const std::string& caller, const std::string& id) {
  const std::optional<Principal> none;
  if (domainOf(id) != domainOf(caller)) return none;
  const auto name = auth::splitLogin(id, "@", logins_->settings()->defaultDomain);
  if (!name) return none;
  const Result<auth::Account> account = logins_->directory().find(*name);
  if (!account.ok() && account.error().code == Errc::NotFound) return none;
  if (!account.ok()) return account.error();
  return inUse(*account) && account->id == id ? std::optional(principalOf(*account)) : none;
}

}  // namespace posthorn::mshttpd::jmap
