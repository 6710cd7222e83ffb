// SPDX-License-Identifier: Apache-2.0
// The way of a login: throttle, pipeline (auth job), account (store job), answer.
#include "imapd/capabilities.h"
#include "imapd/messages.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

/// A finished auth job: the attempt comes back, because the throttle wants to know what was tried.
struct Judged {
  auth::Attempt attempt;
  auth::Outcome outcome;
};

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

store::AccountRequest requestFor(const auth::Account& account, const config::Snapshot& config) {
  store::AccountRequest request;
  request.id = account.id;
  request.partition = account.partition;
  request.quota.bytes = account.mailQuota.value_or(config.get<"store.defaultmailboxquota">());
  request.quota.messages = account.mailMsgQuota.value_or(config.get<"store.defaultmessagequota">());
  return request;
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
  const auto admission = shared_.logins->throttle().admit(attempt.address);
  if (admission.refused) return refused(auth::Reason::Throttled);
  attempt.turn = admission.turn;
  auto waiting = std::make_shared<auth::Attempt>(std::move(attempt));
  after(admission.wait, [this, waiting] { judge(std::move(*waiting)); });
}

void Session::judge(auth::Attempt attempt) {
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Auth, id(), {},
      [logins = shared_.logins, attempt = std::move(attempt)]() mutable -> Result<Judged> {
        auth::Outcome outcome = logins->login(attempt);
        return Judged{std::move(attempt), std::move(outcome)};
      },
      [](Session& session, Result<Judged> judged) {
        if (!judged.ok()) return session.refused(auth::Reason::Internal);
        session.judged(std::move(judged->attempt), std::move(judged->outcome));
      });
  if (!posted.ok()) refused(auth::Reason::Temporary);
}

void Session::judged(auth::Attempt attempt, auth::Outcome outcome) {
  if (const auto* refusal = std::get_if<auth::Refusal>(&outcome)) {
    const auth::Reason reason = refusal->reason;
    std::chrono::milliseconds wait{0};
    if (auth::countsAsFailure(reason))
      wait = shared_.logins->throttle().failed(attempt.address, attempt.login, attempt.password);
    return after(wait, [this, reason] { refused(reason); });
  }
  openAccount(std::move(std::get<auth::Login>(outcome)), attempt.mechanism);
}

void Session::openAccount(auth::Login login, std::string mechanism) {
  std::string account = login.account.id;
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), std::move(account),
      [store = shared_.store, request = requestFor(login.account, *shared_.config)] {
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
  mail_ = std::make_unique<Mail>(Mail{std::move(*account), {}, {}, {}});
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
