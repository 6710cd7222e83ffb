// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/commit_queue.h"

#include <algorithm>
#include <new>

namespace posthorn::store::embedded {

static thread_local bool insideCommit = false;

// Short enough to need no memory itself.
static Error outOfMemory() {
  return Error{Errc::Internal, "out of memory", {}};
}

Result<std::uint64_t> CommitQueue::run(const std::function<Status(Batch&)>& work) {
  if (insideCommit) return makeError(Errc::Internal, "store: commit inside of a commit function");
  Waiter self;
  self.request.work = &work;
  std::unique_lock<std::mutex> lock(mutex_);
  try {
    waiting_.push_back(&self);
  } catch (const std::bad_alloc&) {
    return outOfMemory();
  }
  self.wake.wait(lock, [&] { return self.done || !leading_; });
  while (!self.done) lead(lock);
  return std::move(self.request.outcome);
}

// Commits the first of those who wait, without the mutex, and says how many of them are done.
std::size_t CommitQueue::commitFirst(std::unique_lock<std::mutex>& lock) {
  std::vector<CommitRequest*> group;
  try {
    for (std::size_t i = 0; i < std::min(waiting_.size(), kMaxMerged); ++i)
      group.push_back(&waiting_[i]->request);
    lock.unlock();
    insideCommit = true;
    const std::size_t count = commitGroup_(group);
    insideCommit = false;
    lock.lock();
    return count;
  } catch (const std::bad_alloc&) {
    // Whoever is at the front must leave the queue before its stack frame goes, and the next one lead.
    insideCommit = false;
    if (!lock.owns_lock()) lock.lock();
    const std::size_t count = std::max<std::size_t>(group.size(), 1);
    for (std::size_t i = 0; i < count; ++i) waiting_[i]->request.outcome = outOfMemory();
    return count;
  }
}

void CommitQueue::lead(std::unique_lock<std::mutex>& lock) {
  leading_ = true;
  const std::size_t count = commitFirst(lock);
  leading_ = false;
  for (std::size_t i = 0; i < count; ++i) {
    Waiter* waiter = waiting_.front();
    waiting_.pop_front();
    waiter->done = true;
    waiter->wake.notify_one();
  }
  if (!waiting_.empty()) waiting_.front()->wake.notify_one();  // the next to lead
}

}  // namespace posthorn::store::embedded
