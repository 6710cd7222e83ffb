// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "mshttpd/backend/connection.h"

namespace posthorn::mshttpd::backend {

/// Connections to one store host, never more than so many, lent to who asks, in the order of asking. One that
/// is logged in for the user already is preferred, then one that nobody has used for longest. Any thread;
/// what waits, waits on the caller's.
class Pool {
 public:
  struct Settings {
    std::size_t most = 32;
    std::chrono::milliseconds wait{10'000};    ///< in the line
    std::chrono::milliseconds connect{5'000};  ///< to a new connection, its greeting included
    std::chrono::milliseconds idle{60'000};    ///< an unused connection is closed
    /// Then its user is logged in anew: the server knows of him (his quota) what it found at his login.
    std::chrono::milliseconds login{60'000};
    /// After a failure to connect nobody tries for so long, doubling up to the last: all are told at once.
    std::chrono::milliseconds firstPause{500};
    std::chrono::milliseconds lastPause{5'000};
  };
  /// Makes a connection that has greeted, before the deadline. Job thread; called without a lock.
  using Connect = std::function<Result<std::unique_ptr<Connection>>(Steady deadline)>;

  Pool(std::string host, ProxyAdmin admin, const Settings& settings, Connect connect,
       const Clock& clock = Clock::system());
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// A connection for the time of one request. Goes back to the pool when it is destroyed, or is closed when
  /// it is dead. Not longer than the pool.
  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    ~Lease();
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }
    /// It was used before: it may have died meanwhile, and what may be said twice may be tried once more.
    [[nodiscard]] bool used() const { return used_; }

   private:
    friend class Pool;
    Lease(Pool& pool, std::unique_ptr<Connection> connection, bool used);
    void giveBack();

    Pool* pool_;
    std::unique_ptr<Connection> connection_;
    bool used_;
  };

  /// A connection logged in for `client`. Busy: none became free in time. Unavailable, Timeout: the host is
  /// not there; it is tried again by itself. Denied: it does not let us in.
  Result<Lease> lease(const Client& client);

  /// Somebody waits: who holds a lease without need should give it back.
  [[nodiscard]] bool contended() const;
  struct Counts {
    std::size_t open = 0;
    std::size_t idle = 0;
    std::size_t waiting = 0;
    bool down = false;
  };
  [[nodiscard]] Counts counts() const;
  /// Closes what was not used for long.
  void sweep();

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    Steady since;
  };
  struct Waiter {
    std::condition_variable wake;
    bool called = false;
  };
  struct Seat {  // the right to one of the connections
    std::unique_ptr<Connection> connection;
  };

  Result<Seat> seat(const Client& client);
  Status waitInLine(std::unique_lock<std::mutex>& lock);
  Status refuseWhileDown() const;
  Seat takeIdle(const std::string& user);
  void callNext();
  void leave();
  void giveBack(std::unique_ptr<Connection> connection);
  Result<std::unique_ptr<Connection>> connectAnew();
  Result<Lease> ready(Seat seat, const Client& client);

  const std::string host_;
  const ProxyAdmin admin_;
  const Settings settings_;
  const Connect connect_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // guards everything below
  std::list<Idle> idle_;      // the one that was used last is the last
  std::list<Waiter*> line_;
  std::size_t out_ = 0;  // seats that are taken
  Steady pausedUntil_{};
  std::chrono::milliseconds pause_{0};  // 0: the host is well
  Error lastFailure_;
};

}  // namespace posthorn::mshttpd::backend
