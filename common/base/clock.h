// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace posthorn {

using Steady = std::chrono::steady_clock::time_point;
using Wall = std::chrono::system_clock::time_point;

/// The seam through which everything asks for the time, so that tests can move it. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Steady steady() const = 0;
  [[nodiscard]] virtual Wall wall() const = 0;

  /// The machine's clock; lives for ever.
  static const Clock& system();
};

/// A clock that stands still until it is told to move. One thread.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] Steady steady() const override { return steady_; }
  [[nodiscard]] Wall wall() const override { return wall_; }
  void advance(std::chrono::milliseconds step) {
    steady_ += step;
    wall_ += step;
  }

 private:
  Steady steady_{std::chrono::hours{1}};
  Wall wall_{std::chrono::seconds{1'700'000'000}};
};

}  // namespace posthorn
