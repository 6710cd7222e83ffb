// SPDX-License-Identifier: Apache-2.0
// The way of a login: common/auth/login_way.h, account (store job), answer.
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

void Session::logIn(auth::Attempt attempt) {
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
  auth::logIn(shared_.logins, std::move(attempt), std::move(hooks));
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
  account_ = login.account.id;
  counted_ = shared_.slot.countUser(account_);
  shared_.slot.add(stats::Counter::LoginsOk);
  markAuthenticated();
  const net::SecureInfo* secure = stream().secure();
  log::write(messages::kLogin,
             {{"session", std::to_string(id().number())},
              {"client", stream().peer().text()},
              {"user", account_},
              {"how", mechanism + " " + (secure != nullptr ? secure->protocol : std::string("clear"))},
              {"by", login.by}});
  login_ = std::move(login);
  events::tellLogin(shared_.store->notifier(), stream(), {account_, login_.by}, mechanism);
  mail_ = std::make_unique<Mail>(Mail{std::move(*account), {}, {}});
  answer({.text = "[CAPABILITY " + capabilities(*this) + "] Logged in"});
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
