// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "common/net/loop.h"
#include "common/net/session.h"
#include "common/stats/scoreboard.h"

namespace posthorn::net {

/// Sessions in the order of their last activity, the longest silent first; intrusive, so that a touch costs a
/// few pointers.
class SessionList {
 public:
  void append(Session& session);
  void remove(Session& session);
  [[nodiscard]] Session* first() const { return first_; }
  [[nodiscard]] static Session* after(const Session& session) { return session.later_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  Session* first_ = nullptr;
  Session* last_ = nullptr;
  std::size_t size_ = 0;
};

/// Owns a worker's sessions, reaps idle ones and ends all of them at a stop or drain. The sweep sleeps while
/// there is no session and otherwise until the first that can expire, at least a second. Loop thread.
class SessionTable {
 public:
  struct Limits {
    std::chrono::milliseconds idle{std::chrono::minutes{30}};
    std::chrono::milliseconds unauthenticated{
        std::chrono::seconds{60}};  ///< from the connection (or the end of the last login) to the login
  };

  SessionTable(Loop& loop, const Limits& limits, stats::Slot slot);
  ~SessionTable();
  SessionTable(const SessionTable&) = delete;
  SessionTable& operator=(const SessionTable&) = delete;

  /// Takes the session and calls its begin(). When that throws, the session is cut.
  SessionId add(std::unique_ptr<Session> session, AddressTicket ticket = {});
  /// Null when that session has ended.
  [[nodiscard]] Session* find(SessionId id) const;
  template <typename F>
  void forEach(F&& f) {
    for (std::size_t i = 0; i < places_.size(); ++i)
      if (places_[i].session && !places_[i].session->ending_) f(*places_[i].session);
  }

  [[nodiscard]] std::size_t size() const { return all_; }
  [[nodiscard]] std::size_t unauthenticated() const { return strangers_.size(); }
  /// The connection that has been without a login for longest and is not at work; null when there is none
  /// that is at least `age` old.
  [[nodiscard]] Session* oldestStranger(std::chrono::milliseconds age) const;

  /// Asks one session to leave.
  void dismiss(Session& session, Parting why) { part(session, why); }

  void setLimits(const Limits& limits);
  /// Asks every session that has been silent for too long to leave. Done by the table's own timer; tests with
  /// a ManualClock call it themselves.
  void sweep();

  /// Every session stays until it ends by itself or `timeout` has passed (then Parting::Drained).
  void drain(std::chrono::milliseconds timeout);
  /// Sessions that have been silent for a second leave now, the others as soon as they are, all of them when
  /// `timeout` has passed; two seconds later the rest is cut.
  void stop(std::chrono::milliseconds timeout);
  /// Called when the last session has ended after drain() or stop(), at once when there is none.
  void setOnEmpty(std::function<void()> onEmpty) { onEmpty_ = std::move(onEmpty); }
  /// Called whenever a session has ended: there is room again.
  void setOnRoom(std::function<void()> onRoom) { onRoom_ = std::move(onRoom); }

 private:
  friend class Session;
  enum class Phase : std::uint8_t { Running, Draining, Stopping, Cutting };
  struct Place {
    std::unique_ptr<Session> session;
    std::uint32_t generation = 0;
  };

  std::uint32_t freePlace();
  void touch(Session& session);
  void markAuthenticated(Session& session);
  void markUnauthenticated(Session& session);
  void end(Session& session);
  void remove(std::uint32_t slot);
  void part(Session& session, Parting why);
  void sweepList(SessionList& list, std::chrono::milliseconds limit, Parting why, bool byStart);
  void sweepPhase();
  void arm();
  [[nodiscard]] std::chrono::milliseconds untilNext() const;
  void checkEmpty();
  void publish();

  Loop& loop_;
  Limits limits_;
  stats::Slot slot_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  SessionList known_;      // logged in
  SessionList strangers_;  // not logged in, in the order in which they became so
  std::size_t all_ = 0;    // ending ones included: they hold a descriptor
  Phase phase_ = Phase::Running;
  Steady deadline_{};
  bool toldEmpty_ = false;
  std::function<void()> onEmpty_;
  std::function<void()> onRoom_;
  std::unique_ptr<Timer> timer_;
  std::shared_ptr<bool> alive_;
};

}  // namespace posthorn::net
