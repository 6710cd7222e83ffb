// SPDX-License-Identifier: Apache-2.0
#include "common/base/clock.h"

namespace posthorn {

namespace {
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Steady steady() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] Wall wall() const override { return std::chrono::system_clock::now(); }
};
}  // namespace

const Clock& Clock::system() {
  static const SystemClock kClock;
  return kClock;
}

}  // namespace posthorn
