// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/auth/directory.h"
#include "common/auth/ldap/domains.h"
#include "common/auth/ldap/filter.h"
#include "common/auth/ldap/servers.h"
#include "common/auth/ldap/session.h"
#include "common/auth/ldap/settings.h"
#include "common/base/clock.h"

namespace posthorn::auth::ldap {

/// See openLdapDirectory. Each function has settings.timeout for all it asks.
class LdapDirectory final : public Directory {
 public:
  /// `connector` makes the connections of the settings that it is given (this object's own).
  LdapDirectory(LdapSettings settings, std::string defaultDomain,
                const std::function<std::unique_ptr<Connector>(const LdapSettings&)>& connector,
                const Clock& clock);

  Result<Account> find(const LoginName& name) override;
  Result<Account> findByAddress(std::string_view address) override;
  Result<std::vector<Account>> people(std::string_view domain, std::string_view text,
                                      std::size_t most) override;
  Result<PasswordCheck> verify(const Account& account, const Secret& password) override;
  void verifyNobody(const Secret& password) override;
  std::uint64_t revision() override;
  void forget() override;

  [[nodiscard]] const Servers& servers() const { return servers_; }

 private:
  [[nodiscard]] Steady deadline() const;
  void tell(Step step, std::string_view what, std::string_view value) const;
  void tellEntry(const Entry& entry) const;
  Result<Entry> theOne(const Search& search, Steady until);
  Result<Account> findIn(const Domain* domain, const LoginName& name, Steady until);
  Result<Account> findBy(const LoginName& name, Steady until);
  Result<Account> byMail(const std::string& address, Steady until);

  const LdapSettings settings_;
  const std::string defaultDomain_;
  const Clock& clock_;
  const Result<FilterTemplate> filter_;  // of auth.searchfilter; an error refuses everybody
  Servers servers_;
  Domains domains_;
};

}  // namespace posthorn::auth::ldap
