// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/commit_queue.h"

#include <algorithm>

namespace posthorn::store::embedded {

static thread_local bool insideCommit = false;

Result<std::uint64_t> CommitQueue::run(const std::function<Status(Batch&)>& work) {
  if (insideCommit) return makeError(Errc::Internal, "store: commit inside of a commit function");
  Waiter self;
  self.request.work = &work;
  std::unique_lock<std::mutex> lock(mutex_);
  waiting_.push_back(&self);
  self.wake.wait(lock, [&] { return self.done || !leading_; });
  while (!self.done) lead(lock);
  return std::move(self.request.outcome);
}

void CommitQueue::lead(std::unique_lock<std::mutex>& lock) {
  leading_ = true;
  std::vector<CommitRequest*> group;
  for (std::size_t i = 0; i < std::min(waiting_.size(), kMaxMerged); ++i)
    group.push_back(&waiting_[i]->request);
  lock.unlock();
  insideCommit = true;
  const std::size_t count = commitGroup_(group);
  insideCommit = false;
  lock.lock();
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
