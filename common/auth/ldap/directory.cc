// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/directory.h"

#include <algorithm>
#include <utility>

#include "common/auth/ldap/account_entry.h"
#include "common/auth/ldap/dn.h"
#include "common/auth/ldap/filter.h"
#include "common/auth/ldap/policy.h"
#include "common/auth/login_name.h"
#include "common/auth/messages.h"
#include "common/auth/password.h"
#include "common/base/ascii.h"

namespace posthorn::auth::ldap {
namespace {

/// Entries of one search for people.
constexpr std::size_t kMostPeople = 1000;

// What MTAs may write is shorter (RFC 5321 4.5.3.1).
constexpr std::size_t kMostAddress = 511;

std::string_view nameOf(PasswordCheck check) {
  switch (check) {
    case PasswordCheck::Match:
      return "right";
    case PasswordCheck::Mismatch:
      return "wrong";
    case PasswordCheck::NoPassword:
      return "the entry has none";
    case PasswordCheck::Expired:
      return "expired";
    case PasswordCheck::MustChange:
      return "right, but must be changed first";
    case PasswordCheck::Locked:
      return "not looked at: locked";
  }
  return "?";
}

Error notFound(const Search& search) {
  return makeError(Errc::NotFound, "nothing under " + search.base + " fits " + search.filter);
}

}  // namespace

LdapDirectory::LdapDirectory(LdapSettings settings, std::string defaultDomain,
                             const std::function<std::unique_ptr<Connector>(const LdapSettings&)>& connector,
                             const Clock& clock)
    : settings_(std::move(settings)),
      defaultDomain_(std::move(defaultDomain)),
      clock_(clock),
      filter_(FilterTemplate::parse(settings_.searchFilter)),
      servers_(settings_, connector(settings_), clock),
      domains_(settings_, defaultDomain_, servers_, clock) {}

Steady LdapDirectory::deadline() const {
  return clock_.steady() + settings_.timeout;
}

void LdapDirectory::tell(Step step, std::string_view what, std::string_view value) const {
  if (trace() != nullptr) trace()->note(step, what, value);
}

void LdapDirectory::tellEntry(const Entry& entry) const {
  if (trace() == nullptr) return;
  trace()->note(Step::Entry, "dn", entry.dn);
  for (const auto& [name, values] : entry.attributes)
    for (const std::string& value : values) trace()->note(Step::Entry, name, value);
}

Result<Entry> LdapDirectory::theOne(const Search& search, Steady until) {
  tell(Step::Search, "base", search.base);
  tell(Step::Search, "filter", search.filter);
  PH_TRY(auto answer, servers_.search(search, until));
  tell(Step::Search, "server", answer.server);
  if (answer.baseMissing && search.base == settings_.baseDn)
    return makeError(Errc::Internal, "base.ugldapbasedn " + settings_.baseDn + " does not exist");
  if (answer.baseMissing)
    return makeError(Errc::Corrupt, search.base + ", where users are looked for, does not exist");
  if (answer.more || answer.entries.size() > 1)
    return makeError(Errc::Conflict, "several entries under " + search.base + " fit " + search.filter);
  if (answer.entries.empty()) return notFound(search);
  tellEntry(answer.entries.front());
  return std::move(answer.entries.front());
}

Result<Account> LdapDirectory::findIn(const Domain* domain, const LoginName& name, Steady until) {
  if (!filter_) return filter_.error();
  const FilterTemplate& filter = domain != nullptr && domain->filter ? *domain->filter : *filter_;
  Search search;
  search.base = domain != nullptr ? domain->baseDn : settings_.baseDn;
  search.filter = filter.expand({name.user, name.domain, name.original});
  search.attributes = accountAttributes();
  PH_TRY(const Entry entry, theOne(search, until));
  if (domain != nullptr) PH_CHECK(domains_.checkOwn(*domain, entry.dn, until));
  return toAccount(entry, domain, defaultDomain_);
}

Result<Account> LdapDirectory::findBy(const LoginName& name, Steady until) {
  if (!settings_.searchForDomain) return findIn(nullptr, name, until);
  if (name.domain.empty())
    return makeError(Errc::NotFound, "no domain was typed, and there is no base.defaultdomain");
  PH_TRY(const auto domain, domains_.byName(name.domain, until, trace()));
  return findIn(domain.get(), name, until);
}

Result<Account> LdapDirectory::find(const LoginName& name) {
  return findBy(name, deadline());
}

Result<Account> LdapDirectory::byMail(const std::string& address, Steady until) {
  Search search;
  search.base = settings_.baseDn;
  search.filter = "(|" + equals("mail", address) + equals("mailAlternateAddress", address) +
                  equals("mailEquivalentAddress", address) + ")";
  search.attributes = accountAttributes();
  PH_TRY(const Entry entry, theOne(search, until));
  if (!settings_.searchForDomain) return toAccount(entry, nullptr, defaultDomain_);
  PH_TRY(const auto domain, domains_.ofEntry(entry.dn, until, trace()));
  return toAccount(entry, domain.get(), defaultDomain_);
}

Result<Account> LdapDirectory::findByAddress(std::string_view address) {
  const Steady until = deadline();
  const auto name = address.size() <= kMostAddress ? splitLogin(address, "@", defaultDomain_) : std::nullopt;
  if (!name) return makeError(Errc::NotFound, "no such address");
  const std::string whole = name->domain.empty() ? name->user : name->user + "@" + name->domain;
  auto found = byMail(whole, until);
  if (found.ok() || found.error().code != Errc::NotFound) return found;
  // Without domains a user goes by any: mail for others must not become his.
  if (!settings_.searchForDomain && !name->inDefaultDomain) return found;
  return findBy(*name, until);
}

Result<std::vector<Account>> LdapDirectory::people(std::string_view domainName, std::string_view text,
                                                   std::size_t most) {
  const Steady until = deadline();
  std::shared_ptr<const Domain> domain;
  if (settings_.searchForDomain) {
    PH_TRY(domain, domains_.byName(std::string(domainName), until, trace()));
  }
  Search search;
  search.base = domain ? domain->baseDn : settings_.baseDn;
  const std::string part = text.empty() ? "*" : "*" + escapeFilterValue(text) + "*";
  search.filter = "(&(uid=*)(|(uid=" + part + ")(cn=" + part + ")(mail=" + part + ")))";
  search.attributes = accountAttributes();
  search.most = static_cast<int>(std::min<std::size_t>(most, kMostPeople));
  tell(Step::Search, "filter", search.filter);
  PH_TRY(const auto answer, servers_.search(search, until));
  std::vector<Account> out;
  for (const Entry& entry : answer.entries) {
    // A tree may hold other domains' trees; and without domains the uid says whose a person is.
    if (domain && !domains_.checkOwn(*domain, entry.dn, until).ok()) continue;
    Result<Account> account = toAccount(entry, domain.get(), defaultDomain_);
    if (account.ok() && out.size() < most) out.push_back(std::move(*account));
  }
  return out;
}

Result<PasswordCheck> LdapDirectory::verify(const Account& account, const Secret& password) {
  // RFC 4513 5.1.2: a bind with an empty password says yes and proves nothing. What begins with NUL is empty
  // to servers that are written in C.
  if (password.empty() || password.view().find('\0') != std::string_view::npos)
    return PasswordCheck::Mismatch;
  if (account.entry.empty()) return makeError(Errc::Internal, "an account without its entry's name");
  tell(Step::Password, "bind as", account.entry);
  PH_TRY(const BindAnswer answer, servers_.bind(account.entry, password, deadline()));
  tell(Step::Password, "server", answer.server);
  auto check = judgeBind(answer);
  if (!check.ok()) {
    tell(Step::Password, "result", check.error().text);
    return check;
  }
  tell(Step::Password, "result", nameOf(*check));
  if (*check == PasswordCheck::Match && answer.policy.graceLogins)
    log::write(kLdapGraceLogin, {{"user", account.id}, {"left", std::to_string(*answer.policy.graceLogins)}});
  return check;
}

void LdapDirectory::verifyNobody(const Secret& password) {
  if (password.empty()) return;
  const std::string nobody = "uid=" + std::string(randomPassword().view()) + "," + settings_.baseDn;
  const auto ignored = servers_.bind(nobody, password, deadline());
  static_cast<void>(ignored);
}

std::uint64_t LdapDirectory::revision() {
  return 1;
}

void LdapDirectory::forget() {
  domains_.forget();
}

}  // namespace posthorn::auth::ldap
