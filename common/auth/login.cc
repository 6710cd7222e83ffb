// SPDX-License-Identifier: Apache-2.0
#include "common/auth/login.h"

#include <algorithm>
#include <exception>

#include "common/auth/login_name.h"
#include "common/auth/nobody.h"
#include "common/auth/service_access.h"
#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

using MaybeRefusal = std::optional<Refusal>;

// What explain() adds to a login: somebody who listens, and leave to go on without a password.
struct Way {
  Trace* trace = nullptr;
  bool passwordWaived = false;

  void tell(Step step, std::string_view what, std::string_view value) const {
    if (trace != nullptr) trace->note(step, what, value);
  }
};

Refusal refuse(Reason reason, std::string detail = {}) {
  return {reason, std::move(detail)};
}

Reason reasonForFind(Errc code) {
  switch (code) {
    case Errc::NotFound:
      return Reason::NoSuchUser;
    case Errc::Conflict:
      return Reason::Ambiguous;
    case Errc::Corrupt:
      return Reason::DamagedEntry;
    case Errc::Unavailable:
    case Errc::Timeout:
    case Errc::Busy:
      return Reason::Temporary;
    default:
      return Reason::Internal;
  }
}

// A name that does not exist must cost the guesser what a wrong password costs.
Refusal refuseUnknown(const LoginContext& context, const Error& error, const Secret& password) {
  const Reason reason = reasonForFind(error.code);
  if (!password.empty() && classOf(reason) == RefusalClass::AuthFailed)
    context.directory.verifyNobody(password);
  return refuse(reason, error.text);
}

MaybeRefusal judgePassword(const LoginContext& context, const Account& account, const Secret& password) {
  const auto check = context.directory.verify(account, password);
  if (!check) {
    const Reason reason = reasonForFind(check.error().code);
    return refuse(reason, check.error().text);
  }
  switch (*check) {
    case PasswordCheck::Match:
      return std::nullopt;
    case PasswordCheck::Mismatch:
      return refuse(Reason::BadPassword);
    case PasswordCheck::NoPassword:
      return refuse(Reason::NoPassword);
    case PasswordCheck::Expired:
      return refuse(Reason::PasswordExpired);
    case PasswordCheck::MustChange:
      return refuse(Reason::PasswordMustChange);
    case PasswordCheck::Locked:
      return refuse(Reason::AccountLocked);
  }
  return refuse(Reason::Internal);
}

// The account whose password was shown, from the cache or the directory.
std::variant<Account, Refusal> authenticate(const LoginContext& context, const Attempt& attempt,
                                            const LoginName& name, const Secret& password, const Way& way) {
  // Read before the search: should the directory change in between, the entry is already out of date.
  const std::uint64_t revision = context.directory.revision();
  const std::string key = name.user + "@" + name.domain;
  if (context.cache != nullptr)
    if (auto known = context.cache->find(attempt.mechanism, key, password, revision))
      return *std::move(known);
  auto account = context.directory.find(name);
  if (!account) return refuseUnknown(context, account.error(), password);
  way.tell(Step::Entry, "account", account->id);
  if (way.passwordWaived) {
    way.tell(Step::Password, "check", "left out: no password was given");
    return *std::move(account);
  }
  if (auto refusal = judgePassword(context, *account, password)) return *std::move(refusal);
  way.tell(Step::Password, "check", "right");
  if (context.cache != nullptr) context.cache->remember(attempt.mechanism, key, password, revision, *account);
  return *std::move(account);
}

// The one account that has a certificate's address among its own.
std::variant<Account, Refusal> certified(const LoginContext& context, const std::string& address) {
  auto account = context.directory.findByAddress(address);
  if (!account) return refuse(reasonForFind(account.error().code), account.error().text);
  const bool has = std::any_of(account->mail.begin(), account->mail.end(),
                               [&](const std::string& mail) { return ascii::equal(mail, address); });
  if (!has) return refuse(Reason::NoSuchUser, "no user has the certificate's address");
  return *std::move(account);
}

MaybeRefusal judgeStatus(const Account& account, const Way& way) {
  const AccountStatus status = account.status.deciding();
  way.tell(Step::Status, "inetDomainStatus", toString(account.status.inetDomain));
  way.tell(Step::Status, "mailDomainStatus", toString(account.status.mailDomain));
  way.tell(Step::Status, "inetUserStatus", toString(account.status.inetUser));
  way.tell(Step::Status, "mailUserStatus", toString(account.status.mailUser));
  way.tell(Step::Status, "deciding", toString(status));
  if (const auto reason = reasonFor(status)) return refuse(*reason, std::string(toString(status)));
  return std::nullopt;
}

// Whether the user's mail is on another host.
bool livesElsewhere(const Settings& settings, const Account& account, const Way& way) {
  way.tell(Step::Host, "mailHost", account.mailHost.empty() ? "not set: here" : account.mailHost);
  way.tell(Step::Host, "this host", settings.hostname);
  return !account.mailHost.empty() && !ascii::equal(account.mailHost, settings.hostname);
}

MaybeRefusal judgeService(const Account& account, const Attempt& attempt, const Way& way) {
  if (account.userServices) way.tell(Step::Service, "mailAllowedServiceAccess", *account.userServices);
  if (account.domainServices)
    way.tell(Step::Service,
             account.userServices ? "mailDomainAllowedServiceAccess (passed over: the user has his own)"
                                  : "mailDomainAllowedServiceAccess",
             *account.domainServices);
  if (!account.userServices && !account.domainServices)
    way.tell(Step::Service, "rules", "none: every service is allowed");
  switch (judgeAccess(account, attempt.service, attempt.tls)) {
    case Access::Allowed:
      return std::nullopt;
    case Access::Denied:
      return refuse(Reason::ServiceDenied);
    case Access::NotUnderstood:
      return refuse(Reason::BadServiceFilter);
  }
  return refuse(Reason::Internal);
}

bool isProxyAdmin(const Settings& settings, const Account& account) {
  return !settings.proxyAdmin.empty() && account.id == settings.proxyAdmin;
}

bool isAdmin(const Settings& settings, const Account& account) {
  return std::find(settings.admins.begin(), settings.admins.end(), account.id) != settings.admins.end();
}

bool mayProxy(const Settings& settings, const Account& by) {
  return isAdmin(settings, by) || isProxyAdmin(settings, by);
}

// mshttpd has let somebody in who is nobody: only its own proxy user brings him, and only to imapd.
std::optional<Account> nobody(const Settings& settings, const Attempt& attempt, const Account& by) {
  if (attempt.service != config::Service::Imap || attempt.authzid != kNobody || !isProxyAdmin(settings, by))
    return std::nullopt;
  Account account;
  account.id = kNobody;
  return account;
}

// Whose mail `by` may have: his own, or for administrators anybody's.
std::variant<Account, Refusal> authorize(const LoginContext& context, const Attempt& attempt,
                                         const Account& by, const Way& way) {
  if (attempt.authzid.empty()) return by;
  way.tell(Step::Proxy, "acts for", attempt.authzid);
  const Settings& settings = context.settings;
  const bool may = mayProxy(settings, by);
  const auto name = splitLogin(attempt.authzid, settings.loginSeparator, settings.defaultDomain);
  if (!name) return refuse(may ? Reason::NoSuchTarget : Reason::ProxyDenied, "authzid is not a name");
  auto target = context.directory.find(*name);
  if (target && target->id == by.id) return by;
  if (!may) return refuse(Reason::ProxyDenied, "authzid=" + ascii::printable(attempt.authzid));
  if (target) return *std::move(target);
  if (target.error().code == Errc::NotFound)
    if (auto account = nobody(settings, attempt, by)) return *std::move(account);
  const Reason reason = reasonForFind(target.error().code);
  return refuse(reason == Reason::NoSuchUser ? Reason::NoSuchTarget : reason, target.error().text);
}

// mshttpd's proxy login at imapd: the user came by http, and mshttpd has judged that.
bool throughTheWeb(const Settings& settings, const Attempt& attempt, const Account& by,
                   const Account& target) {
  return attempt.service == config::Service::Imap && by.id != target.id && isProxyAdmin(settings, by);
}

// What the client showed, fit to be looked up.
struct Shown {
  LoginName name;
  Secret password;
};

std::variant<Shown, Refusal> prepare(const Settings& settings, const Attempt& attempt, const Way& way) {
  // Some directories take an empty password for an anonymous bind and say yes.
  if (attempt.password.empty() && !way.passwordWaived) return refuse(Reason::EmptyPassword);
  if (attempt.password.size() > kMaxPassword) return refuse(Reason::PasswordTooLong);

  way.tell(Step::Name, "typed", attempt.login);
  way.tell(Step::Name, "base.loginseparator", settings.loginSeparator);
  auto name = splitLogin(attempt.login, settings.loginSeparator, settings.defaultDomain);
  if (!name) return refuse(Reason::BadName);
  way.tell(Step::Name, "user", name->user);
  way.tell(Step::Name, name->inDefaultDomain ? "domain (the default one)" : "domain", name->domain);
  if (way.passwordWaived) return Shown{*std::move(name), Secret()};
  auto prepared = prepareQuery(attempt.password.view());
  if (!prepared) return refuse(Reason::BadPassword, "not a password by RFC 4013");
  Secret password(*std::move(prepared));
  if (password.size() > kMaxPassword) return refuse(Reason::PasswordTooLong);
  return Shown{*std::move(name), std::move(password)};
}

// He has no mail here: what came into a mailbox of his own on this host would never be seen.
void makeVisitor(Login& login) {
  login.visitor = true;
  login.account.mailQuota = 0;
  login.account.mailMsgQuota = 0;
}

// All that is behind the password.
Outcome judgeUse(const LoginContext& context, const Attempt& attempt, const Account& by, const Way& way) {
  const Settings& settings = context.settings;
  if (auto refusal = judgeStatus(by, way)) return *std::move(refusal);
  auto authorized = authorize(context, attempt, by, way);
  if (auto* refusal = std::get_if<Refusal>(&authorized)) return std::move(*refusal);
  const Account& account = std::get<Account>(authorized);
  if (!attempt.authzid.empty())
    if (auto refusal = judgeStatus(account, way)) return *std::move(refusal);
  const bool elsewhere = livesElsewhere(settings, account, way);
  const bool web = throughTheWeb(settings, attempt, by, account);
  // mshttpd goes to the user's host instead of having his mail here; at imapd it visits what others share
  // here.
  if (elsewhere && attempt.service != config::Service::Http && !web)
    return refuse(Reason::WrongHost, "mailHost=" + account.mailHost);
  if (!web)
    if (auto refusal = judgeService(account, attempt, way)) return *std::move(refusal);
  if (context.admitAccount)
    if (const auto reason = context.admitAccount(account)) return refuse(*reason);
  Login login{account, by.id, by.id == account.id && isAdmin(settings, account)};
  login.proxyUser = mayProxy(settings, by);
  if (web && (elsewhere || account.id == kNobody)) makeVisitor(login);
  return login;
}

// As judgeUse(), with the address that a proxy user has named: nobody else could say whose login it is.
Outcome judgeUseFrom(const LoginContext& context, const Attempt& attempt, const Account& by, const Way& way) {
  Outcome outcome = judgeUse(context, attempt, by, way);
  const bool believed = !attempt.claimed.empty() && mayProxy(context.settings, by);
  std::visit([&](auto& said) { said.address = believed ? attempt.claimed : attempt.address; }, outcome);
  return outcome;
}

std::variant<Account, Refusal> whoCame(const LoginContext& context, const Attempt& attempt, const Way& way) {
  if (!attempt.certified.empty()) return certified(context, attempt.certified);
  auto prepared = prepare(context.settings, attempt, way);
  if (auto* refusal = std::get_if<Refusal>(&prepared)) return std::move(*refusal);
  const Shown& shown = std::get<Shown>(prepared);
  return authenticate(context, attempt, shown.name, shown.password, way);
}

Outcome run(const LoginContext& context, const Attempt& attempt, const Way& way) {
  if (context.admit)
    if (const auto reason = context.admit(attempt)) return refuse(*reason);
  auto authenticated = whoCame(context, attempt, way);
  if (auto* refusal = std::get_if<Refusal>(&authenticated)) return std::move(*refusal);
  return judgeUseFrom(context, attempt, std::get<Account>(authenticated), way);
}

Outcome runSwitch(const LoginContext& context, const Attempt& attempt, const std::string& by) {
  if (attempt.authzid.empty()) return refuse(Reason::NoSuchTarget);
  const auto name = splitLogin(by, "@", context.settings.defaultDomain);
  if (!name) return refuse(Reason::Internal, "the id of a login is no name");
  const auto account = context.directory.find(*name);
  if (!account.ok()) {
    const Reason reason = reasonForFind(account.error().code);
    return refuse(classOf(reason) == RefusalClass::Unavailable ? reason : Reason::ProxyDenied,
                  account.error().text);
  }
  return judgeUseFrom(context, attempt, *account, Way{});
}

// Nothing thrown passes, and every refusal has an address.
template <typename Work>
Outcome guarded(const Attempt& attempt, const Work& work) {
  Outcome outcome;
  try {
    outcome = work();
  } catch (const std::exception& e) {
    outcome = refuse(Reason::Internal, e.what());
  }
  if (auto* refusal = std::get_if<Refusal>(&outcome); refusal != nullptr && refusal->address.empty())
    refusal->address = attempt.address;
  return outcome;
}

}  // namespace

Outcome login(const LoginContext& context, const Attempt& attempt) {
  return guarded(attempt, [&] { return run(context, attempt, Way{}); });
}

Outcome switchUser(const LoginContext& context, const Attempt& attempt, const std::string& by) {
  return guarded(attempt, [&] { return runSwitch(context, attempt, by); });
}

std::variant<Account, Refusal> explain(const LoginContext& context, const Attempt& attempt, Trace& trace) {
  context.directory.setTrace(&trace);
  const Way way{&trace, attempt.password.empty()};
  Outcome outcome = guarded(attempt, [&] { return run(context, attempt, way); });
  context.directory.setTrace(nullptr);
  if (auto* refusal = std::get_if<Refusal>(&outcome)) return std::move(*refusal);
  return std::move(std::get<Login>(outcome).account);
}

}  // namespace posthorn::auth
