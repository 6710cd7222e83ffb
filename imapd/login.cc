// SPDX-License-Identifier: Apache-2.0
// The way of a login: throttle, pipeline (auth job), answer.
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
  auto& login = std::get<auth::Login>(outcome);
  account_ = login.account.id;
  counted_ = shared_.slot.countUser(account_);
  shared_.slot.add(stats::Counter::LoginsOk);
  markAuthenticated();
  const net::SecureInfo* secure = stream().secure();
  log::write(messages::kLogin, {{"session", std::to_string(id().number())},
                                {"client", stream().peer().text()},
                                {"user", account_},
                                {"how", attempt.mechanism + " " +
                                            (secure != nullptr ? secure->protocol : std::string("clear"))},
                                {"by", login.by}});
  state_ = Authenticated{std::move(login)};
  answer("OK", "[CAPABILITY " + capabilities(*this) + "] Logged in");
}

void Session::refused(auth::Reason reason) {
  shared_.slot.add(stats::Counter::LoginsFailed);
  const auto kind = auth::classOf(reason);
  if (++failedLogins_ >= shared_.service.maxbadcommands) {
    stream().write(tag_ + " NO " + std::string(codeFor(kind)) + std::string(auth::clientText(kind)) + "\r\n");
    untagged("BYE Too many failed logins");
    parting_ = "failed-logins";
    return close();
  }
  answer("NO", std::string(codeFor(kind)) + std::string(auth::clientText(kind)));
}

}  // namespace posthorn::imapd
