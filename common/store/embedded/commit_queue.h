// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "common/base/result.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

/// One caller's commit on its way.
struct CommitRequest {
  const std::function<Status(Batch&)>* work = nullptr;
  Result<std::uint64_t> outcome = std::uint64_t{0};  ///< the version, once it is done
};

/// Callers who arrive while a commit is being flushed are merged into the next one: the first of them commits
/// for all. So 64 deliveries at once to one account cost a few flushes, not 64. Any thread.
class CommitQueue {
 public:
  /// Commits the first requests (at least one) in one group, sets their outcomes and says how many.
  using CommitGroup = std::function<std::size_t(const std::vector<CommitRequest*>&)>;
  explicit CommitQueue(CommitGroup commitGroup) : commitGroup_(std::move(commitGroup)) {}

  /// Internal when called from inside of a commit function, and when there is no memory for it.
  Result<std::uint64_t> run(const std::function<Status(Batch&)>& work);

 private:
  struct Waiter {
    CommitRequest request;
    std::condition_variable wake;
    bool done = false;
  };
  void lead(std::unique_lock<std::mutex>& lock);
  std::size_t commitFirst(std::unique_lock<std::mutex>& lock);

  static constexpr std::size_t kMaxMerged = 64;
  const CommitGroup commitGroup_;
  std::mutex mutex_;
  std::deque<Waiter*> waiting_;  // under mutex_, in the order of arrival
  bool leading_ = false;         // under mutex_
};

}  // namespace posthorn::store::embedded
