// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "common/net/jobs.h"
#include "common/net/loop.h"

namespace posthorn::net {

/// Store work that a worker does again and again, for no session: the next turn comes `interval` after this
/// one was given to the jobs. Loop thread; must go before `loop` and `jobs`.
class Chore {
 public:
  /// `work` runs on a job thread and outlives this object; it logs its failures itself.
  Chore(Loop& loop, Jobs& jobs, std::chrono::milliseconds interval, std::function<Status()> work);
  /// The first turn comes after one interval.
  void start() { timer_.start(interval_); }

 private:
  void turn();

  Jobs& jobs_;
  const std::chrono::milliseconds interval_;
  const std::function<Status()> work_;
  Timer timer_;
};

}  // namespace posthorn::net
