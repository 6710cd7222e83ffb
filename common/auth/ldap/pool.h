// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "common/auth/ldap/session.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace posthorn::auth::ldap {

/// Connections of one purpose to all servers, at most `size` together, made by those who take them. Idle ones
/// are used again, the last used first; those that were idle for too long, that the server has closed, or
/// whose place is needed for another server are closed. Any thread.
class Pool {
 public:
  Pool(std::size_t size, std::chrono::milliseconds idle, const Clock& clock);

  /// A place for one connection to `host`: null, to be connected by the caller, or an idle one. Waits while
  /// all places are taken: Timeout at the deadline, Cancelled when `giveUp` says so meanwhile (looked at
  /// after each wake()).
  Result<std::unique_ptr<Session>> take(std::size_t host, Steady deadline,
                                        const std::function<bool()>& giveUp);
  /// Like take(), but never an idle one.
  Result<std::unique_ptr<Session>> takeEmpty(std::size_t host, Steady deadline,
                                             const std::function<bool()>& giveUp);
  /// Ends what take() began, with the connection when it is still good, else null.
  void put(std::size_t host, std::unique_ptr<Session> session);

  /// Closes the idle connections to `host`.
  void closeIdle(std::size_t host);
  /// Has all who wait look again.
  void wake();

  [[nodiscard]] std::size_t idle() const;
  [[nodiscard]] std::size_t taken() const;

 private:
  struct Idle {
    std::size_t host = 0;
    Steady since;
    std::unique_ptr<Session> session;
  };
  using List = std::list<Idle>;

  void dropOld(List& out);
  std::unique_ptr<Session> pick(std::size_t host, List& out);
  bool makeRoom(List& out);
  [[nodiscard]] bool expired(const Idle& idle) const;

  const std::size_t size_;
  const std::chrono::milliseconds longestIdle_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  List idle_;              // last used first
  std::size_t taken_ = 0;  // with callers
};

}  // namespace posthorn::auth::ldap
