// SPDX-License-Identifier: Apache-2.0
#include "imapd/others.h"

#include <algorithm>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"
#include "common/store/acl.h"

namespace posthorn::imapd {
namespace {

constexpr std::size_t kMostRemembered = 4096;
constexpr std::string_view kGroup = "group=";

/// Whether others may come to what such a user shares.
bool isServed(const auth::Account& account) {
  switch (account.status.deciding()) {
    case auth::AccountStatus::Active:
    case auth::AccountStatus::Hold:
    case auth::AccountStatus::Overquota:
      return true;
    case auth::AccountStatus::Inactive:
    case auth::AccountStatus::Deleted:
    case auth::AccountStatus::Removed:
    case auth::AccountStatus::Disabled:
      break;
  }
  return false;
}

Error noSuchAccount() {
  return makeError(Errc::NotFound, "imapd: there is no such account on this host");
}

Error noIdentifier(const char* why) {
  return Error{Errc::Invalid, std::string("imapd: identifier ") + why, std::string("The identifier ") + why};
}

Result<std::string> identifierOfMany(std::string_view lower) {
  if (lower == store::kAnyone) return std::string(lower);
  if (!auth::checkDomain(lower.substr(store::kAnyone.size() + 1)).ok()) return noIdentifier("has no domain");
  return std::string(lower);
}

}  // namespace

Others::Others(std::shared_ptr<store::Store> store, std::shared_ptr<auth::Authenticator> logins,
               std::shared_ptr<const config::Snapshot> config, std::function<bool(std::string_view)> barred,
               const Clock& clock)
    : store_(std::move(store)),
      logins_(std::move(logins)),
      config_(std::move(config)),
      barred_(std::move(barred)),
      clock_(clock) {}

void Others::configure(std::shared_ptr<const config::Snapshot> config) {
  config_.with([&](auto& kept) { kept = std::move(config); });
  known_.with([](auto& known) { known.clear(); });
}

store::Identity Others::identity(std::string_view user) const {
  const auto settings = logins_->settings();
  store::Identity who;
  who.id = user;
  const auto at = user.rfind('@');
  who.domain = at == std::string_view::npos ? settings->defaultDomain : std::string(user.substr(at + 1));
  who.admin = std::find(settings->admins.begin(), settings->admins.end(), who.id) != settings->admins.end();
  return who;
}

Result<auth::Account> Others::find(std::string_view user) {
  const auto settings = logins_->settings();
  // Ids are canonical: whatever separates at a login, an '@' does here.
  const auto name = auth::splitLogin(user, "@", settings->defaultDomain);
  if (!name) return noSuchAccount();
  auto account = logins_->directory().find(*name);
  if (!account.ok() && account.error().code == Errc::NotFound) return noSuchAccount();
  if (!account.ok()) return account.error();
  if (account->id != user || !isServed(*account)) return noSuchAccount();
  return account;
}

bool Others::isHere(const auth::Account& account) const {
  return account.mailHost.empty() || ascii::equal(account.mailHost, logins_->settings()->hostname);
}

store::AccountRequest Others::requestOf(const auth::Account& account) const {
  const auto config = config_.with([](const auto& kept) { return kept; });
  return store::requestFor(account.id, account.partition, account.mailQuota, account.mailMsgQuota, *config);
}

Result<store::AccountRequest> Others::ask(std::string_view owner) {
  const auto account = find(owner);
  // Public folders need no user who could log in.
  if (!account.ok() && account.error().code == Errc::NotFound && owner == store::kPublic) {
    auth::Account nobody;
    nobody.id = owner;
    return requestOf(nobody);
  }
  if (!account.ok()) return account.error();
  if (!isHere(*account)) return noSuchAccount();
  return requestOf(*account);
}

Result<store::AccountRequest> Others::lookUp(std::string_view owner) {
  const Steady now = clock_.steady();
  auto known = known_.with([&](const auto& all) -> std::optional<Result<store::AccountRequest>> {
    const auto found = all.find(owner);
    if (found == all.end() || found->second.until <= now) return std::nullopt;
    return found->second.request;
  });
  if (known) return *std::move(known);
  auto request = ask(owner);
  // Who is not there may come at any moment, and is quickly asked for.
  if (!request.ok() && request.error().code == Errc::NotFound) return request;
  known_.with([&](auto& all) {
    if (all.size() >= kMostRemembered) all.clear();
    all.insert_or_assign(std::string(owner), Known{request, now + (request.ok() ? kRemembered : kTried)});
  });
  return request;
}

Result<store::AccountHandle> Others::account(std::string_view owner, std::string_view actor,
                                             store::Engine::Create create) {
  if (barred_ && barred_(owner)) return makeError(Errc::Unavailable, "imapd: the account is quarantined");
  PH_TRY(const auto request, lookUp(owner));
  PH_TRY(const auto account, store_->account(request, create));
  return account.actingAs(std::string(actor));
}

Result<store::AccountHandle> Others::hintsOf(std::string_view user, std::string_view actor) {
  if (user == store::kPublic) return account(user, actor, store::Engine::Create::Yes);
  PH_TRY(auto found, find(user));
  if (!isHere(found)) found.mailQuota = found.mailMsgQuota = 0;
  PH_TRY(const auto account, store_->account(requestOf(found), store::Engine::Create::Yes));
  return account.actingAs(std::string(actor));
}

Result<std::string> Others::identifier(std::string_view typed, bool known) {
  const bool negative = typed.starts_with('-');
  if (negative) typed.remove_prefix(1);
  const auto prepared = auth::prepareStored(typed);
  if (!prepared) return noIdentifier("is empty or has a prohibited character");
  if (ascii::startsWith(*prepared, kGroup))
    return Error{Errc::Unsupported, "imapd: a group in an access list", "Groups are not supported"};
  const auto settings = logins_->settings();
  std::string id;
  if (store::namesMany(ascii::toLower(*prepared))) {
    PH_TRY(id, identifierOfMany(ascii::toLower(*prepared)));
  } else {
    const auto name = auth::splitLogin(*prepared, settings->loginSeparator, settings->defaultDomain);
    if (!name) return noIdentifier("is not a user");
    id = auth::canonicalId(name->user, name->domain, settings->defaultDomain);
    if (id == "owner" || id == "anonymous" || id.starts_with('-')) return noIdentifier("is not a user");
    if (known) {
      const auto account = logins_->directory().find(*name);
      if (!account.ok() && account.error().code == Errc::NotFound)
        return Error{Errc::NotFound, "imapd: no such user", "No such user"};
      if (!account.ok()) return account.error();
      id = account->id;
    }
  }
  if (id.size() + 1 > store::kMaxIdentifier) return noIdentifier("is too long");
  return negative ? "-" + id : id;
}

}  // namespace posthorn::imapd
