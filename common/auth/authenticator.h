// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/auth/cache.h"
#include "common/auth/directory.h"
#include "common/auth/login.h"
#include "common/auth/settings.h"
#include "common/auth/throttle.h"
#include "common/base/clock.h"
#include "common/base/locked.h"
#include "common/base/result.h"

namespace posthorn::auth {

/// The directory that the settings name (auth.directory). Reads and connects nothing yet.
std::unique_ptr<Directory> openDirectory(const Settings& settings, const Clock& clock = Clock::system());

/// Everything that a worker needs to log its clients in: one per process, made after fork. Without
/// `failures`, the record that all workers of the instance share (throttle.h), it keeps one of its own. A
/// session
///   1. asks throttle().admit(address) on the loop and waits on a timer as told;
///   2. has login(attempt) run in an auth job;
///   3. on a refusal that countsAsFailure(), asks throttle().failed(...), waits as told, and answers with
///      clientText(classOf(reason)).
/// login() writes the log line of a refusal itself.
class Authenticator {
 public:
  /// With the directory that the settings name. An absent or unreadable user file, or an LDAP server that
  /// does not answer, is no error here: logins are refused as temporary until it is mended.
  static std::unique_ptr<Authenticator> open(const Settings& settings, const Clock& clock = Clock::system(),
                                             std::shared_ptr<stats::FailureTable> failures = nullptr);
  /// With a directory of the caller's (tests).
  Authenticator(const Settings& settings, std::unique_ptr<Directory> directory,
                const Clock& clock = Clock::system(),
                std::shared_ptr<stats::FailureTable> failures = nullptr);

  /// The process's own refusals (see LoginContext); set before the first login.
  void setGates(std::function<std::optional<Reason>(const Attempt&)> admit,
                std::function<std::optional<Reason>(const Account&)> admitAccount);

  /// Job thread; blocks; throws nothing. Logs a refusal (`login-failed addr=... user=... reason=...`).
  [[nodiscard]] Outcome login(const Attempt& attempt);
  /// As login(), by auth::switchUser().
  [[nodiscard]] Outcome switchUser(const Attempt& attempt, const std::string& by);

  /// New values of live options; remembered passwords are forgotten, as by a refresh that replaces workers.
  /// Cache and directory keep their size and place until the worker is replaced.
  void configure(const Settings& settings);
  [[nodiscard]] std::shared_ptr<const Settings> settings() const;

  [[nodiscard]] Directory& directory() { return *directory_; }
  [[nodiscard]] Throttle& throttle() { return throttle_; }
  /// Forgets remembered passwords and what the directory remembers. Any thread.
  void flush();

 private:
  [[nodiscard]] LoginContext context(const Settings& current);

  Locked<std::shared_ptr<const Settings>> settings_;
  std::unique_ptr<Directory> directory_;
  Cache cache_;
  Throttle throttle_;
  std::function<std::optional<Reason>(const Attempt&)> admit_;
  std::function<std::optional<Reason>(const Account&)> admitAccount_;
};

}  // namespace posthorn::auth
