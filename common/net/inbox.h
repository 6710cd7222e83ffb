// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "common/base/unique_fd.h"
#include "common/net/task.h"

namespace posthorn::net {

/// The only way into a loop from other threads: a queue whose eventfd is readable while something waits. A
/// burst of items costs one write to it.
class Inbox {
 public:
  /// Aborts when the process has no descriptor left: a loop cannot live without it.
  Inbox();

  /// Any thread. The order of one thread's items is kept.
  void put(Task task);
  /// Everything that waits now. One thread: the loop's.
  std::vector<Task> take();

  [[nodiscard]] int fd() const { return wake_.get(); }
  /// How often the eventfd was written, for tests and the state dump.
  [[nodiscard]] std::size_t wakes() const;

 private:
  UniqueFd wake_;
  mutable std::mutex mutex_;
  std::vector<Task> waiting_;  // guarded by mutex_
  bool signalled_ = false;     // guarded by mutex_
  std::size_t wakes_ = 0;      // guarded by mutex_
};

}  // namespace posthorn::net
