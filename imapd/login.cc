// SPDX-License-Identifier: Apache-2.0
// The way of a login: common/auth/login_way.h, account (store job), answer; and the ways out of it again.
#include "common/auth/login_way.h"
#include "common/events/session_event.h"
#include "imapd/capabilities.h"
#include "imapd/messages.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

/// RFC 5530.
std::string_view codeFor(auth::RefusalClass kind) {
  switch (kind) {
    case auth::RefusalClass::AuthFailed:
      return "[AUTHENTICATIONFAILED] ";
    case auth::RefusalClass::Denied:
      return "[AUTHORIZATIONFAILED] ";
    case auth::RefusalClass::Unavailable:
      break;
  }
  return "[UNAVAILABLE] ";
}

}  // namespace

auth::Attempt Session::attempt(std::string mechanism) const {
  auth::Attempt made;
  made.service = config::Service::Imap;
  made.tls = stream().secure() != nullptr;
  made.address = stream().peer().address.text();
  if (claimed_) made.claimed = claimed_->address.text();
  made.mechanism = std::move(mechanism);
  return made;
}

void Session::after(std::chrono::milliseconds wait, std::function<void()> then) {
  if (wait.count() <= 0) return then();
  phase_ = Phase::Delayed;
  timer_ = std::make_unique<net::Timer>(shared_.loop, [this, then = std::move(then)] {
    phase_ = Phase::Working;
    then();
  });
  timer_->start(wait);
}

auth::LoginHooks Session::loginHooks() {
  auth::LoginHooks hooks;
  hooks.wait = [this](std::chrono::milliseconds wait, std::function<void()> then) {
    after(wait, std::move(then));
  };
  hooks.job = [this](auto work, auto done) {
    return shared_.jobs->post<Session>(
        net::JobKind::Auth, id(), {}, std::move(work),
        [done = std::move(done)](Session&, Result<auth::Judged> judged) { done(std::move(judged)); });
  };
  hooks.passed = [this](const auth::Login& login, const std::string& mechanism) {
    openAccount(login, mechanism);
  };
  hooks.refused = [this](auth::Reason reason) { refused(reason); };
  return hooks;
}

void Session::logIn(auth::Attempt attempt) {
  auth::logIn(shared_.logins, std::move(attempt), loginHooks());
}

void Session::switchUser(std::string user) {
  auth::Attempt made = attempt("PROXYAUTH");
  made.login = login_.by;
  made.authzid = std::move(user);
  auth::switchUser(shared_.logins, std::move(made), login_.by, loginHooks());
}

void Session::openAccount(const auth::Login& login, std::string mechanism) {
  const auth::Account& user = login.account;
  auto request =
      store::requestFor(user.id, user.partition, user.mailQuota, user.mailMsgQuota, *shared_.config);
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), user.id,
      [store = shared_.store, request = std::move(request)] {
        return store->account(request, store::Engine::Create::Yes);
      },
      [login, mechanism = std::move(mechanism)](Session& session, Result<store::AccountHandle> opened) {
        session.opened(login, mechanism, std::move(opened));
      });
  if (!posted.ok()) refused(auth::Reason::Temporary);
}

void Session::opened(auth::Login login, const std::string& mechanism, Result<store::AccountHandle> account) {
  if (!account.ok()) {
    log::write(messages::kNotOpened, {{"user", login.account.id}, {"error", account.error().describe()}});
    return answer({.status = "NO", .text = "[UNAVAILABLE] The mailbox cannot be opened, try again later"});
  }
  auto begin = [login = std::move(login), mechanism,
                account = std::move(*account)](Session& session) mutable {
    session.beginUser(std::move(login), mechanism, std::move(account));
  };
  if (account_.empty()) return begin(*this);
  leaveMailbox([begin = std::move(begin)](Session& session) mutable {
    session.endUser("proxyauth");
    begin(session);
  });
}

void Session::beginUser(auth::Login login, const std::string& mechanism, store::AccountHandle account) {
  if (login.proxyUser && claimed_) client_ = std::exchange(claimed_, std::nullopt);
  claimed_.reset();
  if (!countForClient()) {
    endUser({});
    markUnauthenticated();
    return answer({.status = "NO", .text = "[UNAVAILABLE] Too many connections from your address"});
  }
  account_ = login.account.id;
  userBegan_ = shared_.loop.now();
  counted_ = shared_.slot.countUser(account_);
  shared_.slot.add(stats::Counter::LoginsOk);
  markAuthenticated();
  const net::SecureInfo* secure = stream().secure();
  log::write(messages::kLogin,
             {{"session", std::to_string(id().number())},
              {"client", client().text()},
              {"user", account_},
              {"how", mechanism + " " + (secure != nullptr ? secure->protocol : std::string("clear"))},
              {"by", login.by},
              {"via", client_ ? stream().peer().text() : std::string()}});
  login_ = std::move(login);
  events::tellLogin(shared_.store->notifier(), stream(), {account_, login_.by, client_}, mechanism);
  mail_ = std::make_unique<Mail>(Mail{std::move(account), {}, {}, false, shared_.others, {}, alive_});
  answer({.text = "[CAPABILITY " + capabilities(*this) + "] Logged in"});
}

void Session::claim(std::optional<net::Endpoint> from) {
  if (account_.empty() || (login_.proxyUser && (client_ || !from))) {
    claimed_ = from;
  } else if (login_.proxyUser) {
    client_ = from;
    static_cast<void>(countForClient());
  }
}

bool Session::countForClient() {
  const net::Address& address = client().address;
  countFor(net::AddressTicket(shared_.slot, address));
  return !client_ || !shared_.admission->overLimit(address);
}

void Session::leaveMailbox(std::function<void(Session&)> then) {
  // A mailbox that cannot be left any more is left all the same (RFC 8437 3: NO is no answer).
  onMail(
      [](Mail& mail) {
        if (mail.selected) leave(mail);
        return okStatus();
      },
      [then = std::move(then)](Session& session, const Status&) { then(session); });
}

void Session::endUser(std::string_view why) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(shared_.loop.now() - userBegan_);
  if (!account_.empty()) {
    log::write(messages::kLogout, {{"session", std::to_string(id().number())},
                                   {"client", client().text()},
                                   {"user", account_},
                                   {"by", login_.by},
                                   {"duration", std::to_string(seconds.count())},
                                   {"reason", std::string(why)}});
    events::tellLogout(shared_.store->notifier(), stream(), {account_, login_.by, client_}, why, seconds);
  }
  if (std::exchange(counted_, false)) shared_.slot.uncountUser(account_);
  account_.clear();
  login_ = {};
  mail_.reset();
  client_.reset();
  badCommands_ = 0;
  failedLogins_ = 0;
}

void Session::unauthenticate() {
  leaveMailbox([](Session& session) {
    session.endUser("unauthenticate");
    session.claimed_.reset();
    static_cast<void>(session.countForClient());
    session.markUnauthenticated();
    session.answer({.text = "[CAPABILITY " + capabilities(session) + "] Logged out"});
  });
}

void Session::refused(auth::Reason reason) {
  shared_.slot.add(stats::Counter::LoginsFailed);
  const auto kind = auth::classOf(reason);
  const std::string text = std::string(codeFor(kind)) + std::string(auth::clientText(kind));
  if (++failedLogins_ < shared_.service.maxbadcommands) return answer({.status = "NO", .text = text});
  stream().write(tag_ + " NO " + text + "\r\n");
  parting_ = "failed-logins";
  bye("Too many failed logins");
}

}  // namespace posthorn::imapd
