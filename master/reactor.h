// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "common/base/clock.h"

namespace posthorn::master {

/// master's loop: poll(2) over a handful of descriptors and timers. Not net::Loop: master has no threads, no
/// streams, and forks, so it wants as little state as possible under it. One thread.
class Reactor {
 public:
  using TimerId = std::uint64_t;
  explicit Reactor(const Clock& clock = Clock::system()) : clock_(clock) {}

  enum class For : std::uint8_t { Reading, Writing };
  /// Calls `onReady` whenever `fd` (owned by the caller) is ready or at its end. Replaces an earlier watch.
  void watch(int fd, std::function<void()> onReady, For what = For::Reading);
  void unwatch(int fd);

  /// Once, after `wait`. The id is never 0.
  TimerId after(std::chrono::milliseconds wait, std::function<void()> onTime);
  void cancel(TimerId id);

  /// Until quit().
  void run();
  /// Until quit() or until `most` has passed; for tests.
  void runFor(std::chrono::milliseconds most);
  void quit() { quitting_ = true; }

  [[nodiscard]] Steady now() const { return clock_.steady(); }

 private:
  struct Watch {
    For what;
    std::function<void()> onReady;
  };
  struct Timer {
    TimerId id;
    std::function<void()> onTime;
  };
  void turn(int mostMs);
  void runTimers();
  [[nodiscard]] int untilTimer(int mostMs) const;

  const Clock& clock_;
  std::map<int, std::shared_ptr<Watch>> watches_;
  std::multimap<Steady, Timer> timers_;
  TimerId nextId_ = 1;
  bool quitting_ = false;
};

}  // namespace posthorn::master
