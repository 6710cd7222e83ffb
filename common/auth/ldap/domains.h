// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/auth/ldap/domain_entry.h"
#include "common/auth/ldap/servers.h"
#include "common/auth/ldap/settings.h"
#include "common/auth/trace.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace posthorn::auth::ldap {

/// The domains of the directory, by name and by where their users are. What was found is remembered for
/// settings.domainCacheTtl, at most kMost of them; what was not found is not. Any thread; blocks.
class Domains {
 public:
  static constexpr std::size_t kMost = 2000;
  using Found = std::shared_ptr<const Domain>;

  /// `defaultDomain`: base.defaultdomain, may be empty. The others outlive it.
  Domains(const LdapSettings& settings, std::string defaultDomain, Servers& servers, const Clock& clock);

  /// NotFound, Conflict when several entries claim the name, Corrupt. `trace` may be null.
  Result<Found> byName(const std::string& name, Steady deadline, Trace* trace);
  /// Whether the entry `dn`, found under `domain`'s base, is its own: between them no other domain begins.
  /// NotFound when one does; that one's users are not users of both.
  Status checkOwn(const Domain& domain, const std::string& dn, Steady deadline);
  /// The domain in whose tree the entry `dn` stands: that of the nearest organisation above it. NotFound.
  Result<Found> ofEntry(const std::string& dn, Steady deadline, Trace* trace);
  void forget();

 private:
  struct Known {
    std::string key;
    Found domain;
    Steady until;
  };
  using Order = std::list<Known>;

  [[nodiscard]] Found remembered(const std::string& key);
  void remember(const std::string& key, const Found& domain);

  Result<Domain> look(const std::string& name, Steady deadline, Trace* trace);
  Result<SearchAnswer> ask(Search search, Steady deadline, Trace* trace);
  Result<Entry> entryOf(const std::string& name, Steady deadline, Trace* trace);
  Result<Domain> complete(Domain domain, Steady deadline, Trace* trace);
  Status checkCanonical(const Domain& domain, const std::string& asked, Steady deadline);
  Result<bool> isDefault(const Domain& domain, Steady deadline);
  Result<Found> atNode(const std::string& dn, Steady deadline, Trace* trace);
  Result<std::string> nameAtNode(const std::string& dn, Steady deadline, Trace* trace);

  const LdapSettings& settings_;
  const std::string defaultDomain_;
  Servers& servers_;
  const Clock& clock_;
  std::mutex mutex_;
  Order order_;  // most recently used first
  std::unordered_map<std::string_view, Order::iterator> index_;
};

}  // namespace posthorn::auth::ldap
