// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/net/inbox.h"
#include "common/net/task.h"

struct event;
struct event_base;

namespace posthorn::net {

/// One thread's event loop. Belongs to the thread that made it; sessions, streams and timers live on one loop
/// for life. Only `post` and `stop` may be called from other threads.
///
/// An exception that leaves a callback is caught and logged here (the trampoline): it costs the session whose
/// callback it was, never the process.
class Loop {
 public:
  /// Also makes the process ignore SIGPIPE. Aborts when the system gives no event base.
  explicit Loop(const Clock& clock = Clock::system());
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Until stop().
  void run();
  /// Any thread.
  void stop();
  /// Waits for at most `most` for something to happen and handles what is ready; for tests.
  void runOnce(std::chrono::milliseconds most);
  /// runOnce until `done()` or until `most` has passed; the last value of done(). For tests.
  bool runUntil(const std::function<bool()>& done, std::chrono::milliseconds most = std::chrono::seconds{10});

  /// Runs `task` on the loop's thread. Any thread; in the order of posting.
  void post(Task task);
  /// Runs `task` when the callback that runs now has returned, before the loop waits again: what a burst of
  /// events leaves to be done once (a flush, a deletion). Loop thread.
  void defer(Task task);

  /// Runs `body` inside the trampoline; when it throws, the exception is logged and `onThrow` runs. What
  /// onThrow throws is only logged. True when nothing was thrown.
  template <typename Body, typename OnThrow>
  bool guard(Body&& body, OnThrow&& onThrow) noexcept {
    try {
      body();
      return true;
    } catch (...) {
      logException();
    }
    try {
      onThrow();
    } catch (...) {
      logException();
    }
    return false;
  }

  /// Aborts when called by another thread than the loop's: the first line of each loop-thread method.
  void assertHere() const;
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] Steady now() const { return clock_.steady(); }
  [[nodiscard]] const Inbox& inbox() const { return inbox_; }
  /// For the HTTP front's evhttp only.
  [[nodiscard]] event_base* raw() const { return base_; }

 private:
  friend class Timer;
  friend class Watch;

  static void logException() noexcept;
  static void onInbox(int fd, short what, void* self);
  static void onDeferred(int fd, short what, void* self);
  void runDeferred();
  void wait(int flags);

  const Clock& clock_;
  std::thread::id thread_;
  event_base* base_;
  Inbox inbox_;
  event* inboxEvent_ = nullptr;
  event* deferredEvent_ = nullptr;
  std::vector<Task> deferred_;
  bool deferredArmed_ = false;
  bool inDeferred_ = false;
  bool stopping_ = false;
};

/// A timer of the loop's real clock. May be destroyed in its own callback. Loop thread.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> onTime);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Once, after `wait`; replaces what was set before.
  void start(std::chrono::milliseconds wait);
  void stop();
  [[nodiscard]] bool running() const { return running_; }

 private:
  static void onEvent(int fd, short what, void* self);

  Loop& loop_;
  std::shared_ptr<std::function<void()>> onTime_;
  event* event_;
  bool running_ = false;
};

enum class Ready : std::uint8_t { Read, Write };

/// Calls back while a descriptor (owned by the caller, closed after this is gone) is ready and the watch is
/// enabled; level-triggered. Starts disabled. May be destroyed in its own callback. Loop thread.
class Watch {
 public:
  Watch(Loop& loop, int fd, Ready ready, std::function<void()> onReady);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void enable();
  void disable();
  [[nodiscard]] bool enabled() const { return enabled_; }

 private:
  static void onEvent(int fd, short what, void* self);

  Loop& loop_;
  std::shared_ptr<std::function<void()>> onReady_;
  event* event_;
  bool enabled_ = false;
};

}  // namespace posthorn::net
