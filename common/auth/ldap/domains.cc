// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/domains.h"

#include <algorithm>
#include <utility>

#include "common/auth/ldap/dn.h"
#include "common/auth/login_name.h"
#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

// Of domains that share one tree; more is nobody's intention.
constexpr int kMostSharing = 50;
constexpr std::size_t kMostLevels = 32;

Error notFound(const std::string& name) {
  return makeError(Errc::NotFound, "no domain " + ascii::printable(name, 80) + " in the directory");
}

void tell(Trace* trace, std::string_view what, std::string_view value) {
  if (trace != nullptr) trace->note(Step::Domain, what, value);
}

}  // namespace

Domains::Domains(const LdapSettings& settings, std::string defaultDomain, Servers& servers,
                 const Clock& clock)
    : settings_(settings), defaultDomain_(std::move(defaultDomain)), servers_(servers), clock_(clock) {}

Domains::Found Domains::remembered(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  const auto entry = found->second;
  if (clock_.steady() >= entry->until) {
    index_.erase(found);
    order_.erase(entry);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, entry);
  return entry->domain;
}

void Domains::remember(const std::string& key, const Found& domain) {
  if (settings_.domainCacheTtl.count() == 0) return;
  const std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) {
    const auto old = found->second;
    index_.erase(found);
    order_.erase(old);
  }
  order_.push_front({key, domain, clock_.steady() + settings_.domainCacheTtl});
  index_.emplace(order_.front().key, order_.begin());
  if (order_.size() <= kMost) return;
  index_.erase(order_.back().key);
  order_.pop_back();
}

void Domains::forget() {
  const std::lock_guard lock(mutex_);
  index_.clear();
  order_.clear();
}

Result<SearchAnswer> Domains::ask(Search search, Steady deadline, Trace* trace) {
  search.attributes = domainAttributes();
  tell(trace, "base", search.base);
  tell(trace, "filter", search.filter);
  auto answer = servers_.search(search, deadline);
  if (answer.ok()) tell(trace, "server", answer->server);
  return answer;
}

Result<Entry> Domains::entryOf(const std::string& name, Steady deadline, Trace* trace) {
  Search search;
  if (settings_.schema == LdapSchema::One) {
    search.base = domainDn(name, settings_.dcRoot);
    search.scope = Scope::Base;
    // Nodes in between, such as dc=com, are no domains.
    search.filter = "(|(inetDomainBaseDN=*)(aliasedObjectName=*))";
  } else {
    search.base = settings_.baseDn;
    search.filter = "(|" + equals("sunPreferredDomain", name) + equals("associatedDomain", name) + ")";
  }
  PH_TRY(auto answer, ask(search, deadline, trace));
  if (answer.baseMissing && settings_.schema == LdapSchema::Two)
    return makeError(Errc::Internal, "base.ugldapbasedn " + settings_.baseDn + " does not exist");
  if (answer.more || answer.entries.size() > 1)
    return makeError(Errc::Conflict, "several entries claim the domain " + name);
  if (answer.entries.empty()) return notFound(name);
  return std::move(answer.entries.front());
}

// Schema 1: a node that is another name of another node.
Result<Domain> Domains::look(const std::string& name, Steady deadline, Trace* trace) {
  PH_TRY(const Entry entry, entryOf(name, deadline, trace));
  tell(trace, "entry", entry.dn);
  if (settings_.schema == LdapSchema::One && !entry.has("inetdomainbasedn")) {
    PH_TRY(const auto target, entry.single("aliasedobjectname"));
    const auto real = domainOfDn(target.value_or(""), settings_.dcRoot);
    if (!real || !checkDomain(*real).ok())
      return makeError(Errc::Corrupt, entry.dn + ": aliasedObjectName leads to no domain");
    PH_TRY(const Entry node, entryOf(*real, deadline, trace));
    tell(trace, "alias of", node.dn);
    PH_TRY(Domain domain, toDomain(node, settings_.schema, *real));
    domain.names.push_back(name);
    return domain;
  }
  PH_TRY(Domain domain, toDomain(entry, settings_.schema, name));
  return complete(std::move(domain), deadline, trace);
}

Result<Domain> Domains::complete(Domain domain, Steady deadline, Trace* trace) {
  if (settings_.schema == LdapSchema::One || normalDn(domain.baseDn) == normalDn(domain.entry)) return domain;
  Search search;
  search.base = domain.baseDn;
  search.scope = Scope::Base;
  search.filter = "(objectClass=*)";
  PH_TRY(const auto answer, ask(search, deadline, trace));
  if (answer.entries.size() != 1)
    return makeError(Errc::Corrupt, domain.entry + ": inetDomainBaseDN leads to " + domain.baseDn +
                                        ", which does not exist");
  return withOrganisation(std::move(domain), answer.entries.front());
}

// A domain whose entry names another one as canonical gives its users that one's ids. It may, when both have
// the same users; else whoever writes the one entry could read the other's mail.
Status Domains::checkCanonical(const Domain& domain, const std::string& asked, Steady deadline) {
  if (domain.name == asked) return okStatus();
  const auto canonical = look(domain.name, deadline, nullptr);
  if (!canonical.ok() && canonical.error().code == Errc::NotFound) return okStatus();
  if (!canonical.ok()) return canonical.error();
  if (normalDn(canonical->baseDn) == normalDn(domain.baseDn)) return okStatus();
  return makeError(Errc::Corrupt, domain.entry + ": its canonical name " + domain.name +
                                      " is a domain with other users, under " + canonical->baseDn);
}

Result<bool> Domains::isDefault(const Domain& domain, Steady deadline) {
  if (defaultDomain_.empty()) return false;
  if (std::find(domain.names.begin(), domain.names.end(), defaultDomain_) != domain.names.end()) return true;
  // base.defaultdomain may be another name of this domain.
  const auto known = byName(defaultDomain_, deadline, nullptr);
  if (known.ok()) return (*known)->name == domain.name;
  if (known.error().code == Errc::NotFound) return false;
  return known.error();
}

Result<Domains::Found> Domains::byName(const std::string& name, Steady deadline, Trace* trace) {
  if (!checkDomain(name).ok()) return notFound(name);
  const std::string key = "name " + name;
  Found found = remembered(key);
  if (found == nullptr) {
    PH_TRY(Domain domain, look(name, deadline, trace));
    PH_CHECK(checkCanonical(domain, name, deadline));
    PH_TRY(domain.isDefault, isDefault(domain, deadline));
    found = std::make_shared<const Domain>(std::move(domain));
    remember(key, found);
  } else {
    tell(trace, "entry", found->entry);
  }
  tell(trace, "canonical name", found->name);
  tell(trace, "users under", found->baseDn);
  if (!found->filterText.empty()) tell(trace, "inetDomainSearchFilter", found->filterText);
  if (!found->uidSeparator.empty()) tell(trace, "domainUidSeparator", found->uidSeparator);
  return found;
}

// The canonical name of the domain whose users are right under `dn`; empty when there is none.
Result<std::string> Domains::nameAtNode(const std::string& dn, Steady deadline, Trace* trace) {
  if (settings_.schema == LdapSchema::Two) {
    Search own;
    own.base = dn;
    own.scope = Scope::Base;
    own.filter = "(|(sunPreferredDomain=*)(associatedDomain=*))";
    PH_TRY(const auto answer, ask(own, deadline, trace));
    if (!answer.entries.empty()) {
      PH_TRY(const Domain domain, toDomain(answer.entries.front(), settings_.schema, ""));
      return domain.name;
    }
  }
  Search index;
  index.base = settings_.schema == LdapSchema::One ? settings_.dcRoot : settings_.baseDn;
  // The classes narrow it where inetDomainBaseDN has no index.
  index.filter = "(&(|(objectClass=inetDomain)(objectClass=sunManagedOrganization))" +
                 equals("inetDomainBaseDN", dn) + ")";
  index.most = kMostSharing;
  PH_TRY(const auto answer, ask(index, deadline, trace));
  std::string name;
  for (const Entry& entry : answer.entries) {
    const bool one = settings_.schema == LdapSchema::One;
    PH_TRY(const Domain domain,
           toDomain(entry, settings_.schema, one ? domainOfDn(entry.dn, settings_.dcRoot).value_or("") : ""));
    if (!name.empty() && name != domain.name) {
      std::string both = name;
      both.append(" and ").append(domain.name).append(" share ").append(dn);
      return makeError(Errc::Conflict, both + ", and no inetCanonicalDomainName says which it is");
    }
    name = domain.name;
  }
  return name;
}

Result<Domains::Found> Domains::atNode(const std::string& dn, Steady deadline, Trace* trace) {
  static const Found kNone = std::make_shared<const Domain>();
  const std::string key = "node " + normalDn(dn);
  if (Found found = remembered(key)) return found;
  PH_TRY(const std::string name, nameAtNode(dn, deadline, trace));
  Found found = kNone;
  if (!name.empty()) {
    PH_TRY(found, byName(name, deadline, trace));
  }
  remember(key, found);
  return found;
}

Status Domains::checkOwn(const Domain& domain, const std::string& dn, Steady deadline) {
  const std::string base = normalDn(domain.baseDn);
  auto node = parentDn(dn);
  for (std::size_t level = 0; node && level < kMostLevels && normalDn(*node) != base; ++level) {
    if (!isUnder(*node, base)) break;
    PH_TRY(const auto found, atNode(*node, deadline, nullptr));
    if (!found->name.empty())
      return makeError(Errc::NotFound, dn + " is a user of " + found->name + ", not of " + domain.name);
    node = parentDn(*node);
  }
  return okStatus();
}

Result<Domains::Found> Domains::ofEntry(const std::string& dn, Steady deadline, Trace* trace) {
  auto node = parentDn(dn);
  for (std::size_t level = 0; node && level < kMostLevels && isUnder(*node, settings_.baseDn); ++level) {
    PH_TRY(auto found, atNode(*node, deadline, trace));
    if (!found->name.empty()) return found;
    node = parentDn(*node);
  }
  return makeError(Errc::Corrupt, dn + " stands in no domain's tree");
}

}  // namespace posthorn::auth::ldap
