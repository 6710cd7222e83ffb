// SPDX-License-Identifier: Apache-2.0
// The way of a login: common/auth/login_way.h, then popminpoll, maildrop (store job), answer.
#include "common/auth/login_way.h"
#include "common/events/session_event.h"
#include "popd/messages.h"
#include "popd/reply.h"
#include "popd/session.h"

namespace posthorn::popd {
namespace {

std::string howOf(const std::string& mechanism, const net::SecureInfo* secure) {
  return secure != nullptr ? mechanism + " " + secure->protocol : mechanism + " clear";
}

}  // namespace

auth::Attempt Session::attempt(std::string mechanism) const {
  auth::Attempt made;
  made.service = config::Service::Pop;
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
  hooks.passed = [this](const auth::Login& login, std::string mechanism) {
    openMaildrop(login, std::move(mechanism));
  };
  hooks.refused = [this](auth::Reason reason) { refused(reason); };
  auth::logIn(shared_.logins, std::move(attempt), std::move(hooks));
}

void Session::refused(auth::Reason reason) {
  shared_.slot.add(stats::Counter::LoginsFailed);
  // Guessing on one connection ends like any other nonsense.
  if (++failedLogins_ < shared_.service.maxbadcommands) return answer(errReply(reason));
  parting_ = "failed-logins";
  answerAndClose(errReply(reason));
}

/// The answer to a user who comes again before pop.popminpoll has passed; nothing when he does not.
std::optional<std::string> Session::tooSoon(const auth::Login& login) const {
  const std::chrono::seconds gap = shared_.config->get<"pop.popminpoll">();
  if (gap.count() == 0 || !shared_.polls || login.proxied()) return std::nullopt;
  if (shared_.polls->mayLogIn(login.account.id, gap, shared_.loop.clock().wall())) return std::nullopt;
  log::write(messages::kTooSoon, {{"client", stream().peer().text()}, {"user", login.account.id}});
  return errReply("[LOGIN-DELAY]", "Wait " + std::to_string(gap.count()) + " seconds between logins");
}

void Session::openMaildrop(const auth::Login& login, std::string mechanism) {
  if (auto refusal = tooSoon(login)) return answer(std::move(*refusal));
  const auto lock = shared_.config->get<"pop.lockmailbox">() ? Maildrop::Lock::Yes : Maildrop::Lock::No;
  const auth::Account& user = login.account;
  auto request =
      store::requestFor(user.id, user.partition, user.mailQuota, user.mailMsgQuota, *shared_.config);
  const Status posted = shared_.jobs->post<Session>(
      net::JobKind::Store, id(), user.id,
      [store = shared_.store, request = std::move(request), lock]() -> Result<std::unique_ptr<Maildrop>> {
        PH_TRY(const store::AccountHandle opened, store->account(request, store::Engine::Create::Yes));
        PH_TRY(Maildrop box, Maildrop::open(opened, lock));
        return std::make_unique<Maildrop>(std::move(box));
      },
      [login, mechanism = std::move(mechanism)](Session& session, Result<std::unique_ptr<Maildrop>> box) {
        session.opened(login, mechanism, std::move(box));
      });
  if (!posted.ok()) fail(posted.error());
}

void Session::opened(auth::Login login, const std::string& mechanism,
                     Result<std::unique_ptr<Maildrop>> maildrop) {
  if (!maildrop.ok()) {
    Error error = maildrop.error();
    if (error.code != Errc::Busy)
      log::write(messages::kNotOpened, {{"user", login.account.id}, {"error", error.describe()}});
    // No client asked for a thing that could be missing: a part of the store is out of reach.
    if (error.code == Errc::NotFound) error = makeError(Errc::Unavailable, error.text);
    return answer(errReply(error));
  }
  const bool utf8 = std::get<Authorization>(state_).utf8;
  account_ = login.account.id;
  by_ = login.by;
  counted_ = shared_.slot.countUser(account_);
  loggedIn_ = shared_.loop.now();
  if (shared_.polls) shared_.polls->record(account_, shared_.loop.clock().wall());
  shared_.slot.add(stats::Counter::LoginsOk);
  markAuthenticated();
  log::write(messages::kLogin, {{"session", std::to_string(id().number())},
                                {"client", stream().peer().text()},
                                {"user", account_},
                                {"how", howOf(mechanism, stream().secure())},
                                {"by", login.by},
                                {"messages", std::to_string((*maildrop)->last())}});
  events::tellLogin(shared_.store->notifier(), stream(), {account_, by_}, mechanism);
  const std::string text = "Maildrop has " + std::to_string((*maildrop)->messages()) + " messages (" +
                           std::to_string((*maildrop)->octets()) + " octets)";
  (*maildrop)->setUtf8(utf8);
  enter(Transaction{std::move(login), std::move(*maildrop)});
  answer(okReply(text));
}

}  // namespace posthorn::popd
