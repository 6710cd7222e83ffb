// SPDX-License-Identifier: Apache-2.0
#include "common/auth/login_way.h"

#include <utility>

namespace posthorn::auth {
namespace {

/// One login on its way. Shared by the steps that are still to come, each of which the session owns.
struct Way {
  std::shared_ptr<Authenticator> logins;
  LoginHooks hooks;
};

void judged(const Way& way, const Judged& done) {
  if (const auto* login = std::get_if<Login>(&done.outcome)) {
    if (login->proxyUser && !done.attempt.password.empty())
      way.logins->throttle().passed(done.attempt.login, done.attempt.password);
    return way.hooks.passed(*login, done.attempt.mechanism);
  }
  const auto& [reason, detail, address] = std::get<Refusal>(done.outcome);
  std::chrono::milliseconds wait{0};
  if (countsAsFailure(reason))
    wait = way.logins->throttle().failed(address, done.attempt.login, done.attempt.password);
  way.hooks.wait(wait, [refused = way.hooks.refused, reason = reason] { refused(reason); });
}

void judge(const std::shared_ptr<Way>& way, Attempt attempt) {
  // std::function copies what it holds, and a password is not copied.
  auto held = std::make_shared<Attempt>(std::move(attempt));
  const Status posted = way->hooks.job(
      [logins = way->logins, held]() -> Result<Judged> {
        Outcome outcome = logins->login(*held);
        return Judged{std::move(*held), std::move(outcome)};
      },
      [way](const Result<Judged>& done) {
        if (!done.ok()) return way->hooks.refused(Reason::Internal);
        judged(*way, *done);
      });
  if (!posted.ok()) way->hooks.refused(Reason::Temporary);
}

}  // namespace

void logIn(std::shared_ptr<Authenticator> logins, Attempt attempt, LoginHooks hooks) {
  const auto admission = logins->throttle().admit(attempt.address, attempt.login, attempt.password);
  if (admission.refused) return hooks.refused(Reason::Throttled);
  attempt.turn = admission.turn;
  auto way = std::make_shared<Way>(Way{std::move(logins), std::move(hooks)});
  auto waiting = std::make_shared<Attempt>(std::move(attempt));
  way->hooks.wait(admission.wait, [way, waiting] { judge(way, std::move(*waiting)); });
}

void switchUser(std::shared_ptr<Authenticator> logins, Attempt attempt, std::string by, LoginHooks hooks) {
  auto held = std::make_shared<Attempt>(std::move(attempt));
  auto way = std::make_shared<LoginHooks>(std::move(hooks));
  const Status posted = way->job(
      [logins = std::move(logins), held, by = std::move(by)]() -> Result<Judged> {
        Outcome outcome = logins->switchUser(*held, by);
        return Judged{std::move(*held), std::move(outcome)};
      },
      [way](const Result<Judged>& done) {
        if (!done.ok()) return way->refused(Reason::Internal);
        if (const auto* login = std::get_if<Login>(&done->outcome))
          return way->passed(*login, done->attempt.mechanism);
        way->refused(std::get<Refusal>(done->outcome).reason);
      });
  if (!posted.ok()) way->refused(Reason::Temporary);
}

}  // namespace posthorn::auth
