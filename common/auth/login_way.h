// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/auth/authenticator.h"
#include "common/base/result.h"

namespace posthorn::auth {

/// A finished auth job: the attempt comes back, because the throttle wants to know what was tried.
struct Judged {
  Attempt attempt;
  Outcome outcome;
};

/// What a session does for a login of its client. All of it on the loop; none of it is called once the
/// session has gone.
struct LoginHooks {
  /// Calls `then` after `wait`, at once when that is not positive.
  std::function<void(std::chrono::milliseconds wait, std::function<void()> then)> wait;
  /// Runs `work` as an auth job and `done` with its result on the loop (an error when it threw), unless the
  /// session has gone by then. An error when the job is not taken; `done` is not called then.
  std::function<Status(std::function<Result<Judged>()> work, std::function<void(Result<Judged>)> done)> job;
  /// The last word is one of these, once.
  std::function<void(const Login& login, const std::string& mechanism)> passed;
  std::function<void(Reason reason)> refused;
};

/// The way of a login up to its answer, the same for every protocol: the address waits its turn (or is
/// refused as Throttled), the pipeline judges in a job, a wrong guess waits for its time. A job that is not
/// taken is refused as Temporary, one that threw as Internal. Loop thread.
void logIn(std::shared_ptr<Authenticator> logins, Attempt attempt, LoginHooks hooks);

/// The way of PROXYAUTH (see auth::switchUser): `by` has shown his password, so nothing is guessed and nobody
/// waits. Loop thread.
void switchUser(std::shared_ptr<Authenticator> logins, Attempt attempt, std::string by, LoginHooks hooks);

}  // namespace posthorn::auth
