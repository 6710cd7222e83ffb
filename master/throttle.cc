// SPDX-License-Identifier: Apache-2.0
#include "master/throttle.h"

#include <algorithm>

namespace posthorn::master {

std::chrono::seconds Throttle::onDeath(std::chrono::milliseconds lived, bool served) {
  if (lived >= kQuick) *this = Throttle();
  ++quick_;
  if (quick_ <= (served ? kFreeAfterServing : kFreeBeforeServing)) return std::chrono::seconds(0);
  ++looping_;
  wait_ = looping_ == 1 ? kFirst : std::min(wait_ * 2, kLongest);
  return wait_;
}

}  // namespace posthorn::master
