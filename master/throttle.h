// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "common/base/clock.h"

namespace posthorn::master {

/// Decides how long one place in a generation stays empty after its worker died: normally not at all; in a
/// crash loop 2 s doubling to 60 s, for ever. A worker that had served counts as looping only from its fourth
/// quick death in succession, one that never came to serve from its second. Pure.
class Throttle {
 public:
  static constexpr std::chrono::seconds kFirst{2};
  static constexpr std::chrono::seconds kLongest{60};
  static constexpr std::chrono::seconds kQuick{10};  ///< a worker that lived longer ends the loop
  static constexpr int kFreeAfterServing = 3;
  static constexpr int kFreeBeforeServing = 1;

  /// The wait before the next start, given how long the dead worker lived and whether it ever served.
  std::chrono::seconds onDeath(std::chrono::milliseconds lived, bool served);

  /// Throttled deaths in succession; 0 when it is not in a loop.
  [[nodiscard]] int looping() const { return looping_; }

 private:
  int quick_ = 0;
  int looping_ = 0;
  std::chrono::seconds wait_{0};
};

}  // namespace posthorn::master
