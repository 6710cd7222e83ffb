// SPDX-License-Identifier: Apache-2.0
#include "common/net/inbox.h"

#include <cstdint>
#include <utility>

#include <sys/eventfd.h>

#include "common/base/assert.h"

namespace posthorn::net {

Inbox::Inbox() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  PH_ASSERT(wake_.valid());
}

void Inbox::put(Task task) {
  const std::lock_guard<std::mutex> guard(mutex_);
  waiting_.push_back(std::move(task));
  if (signalled_) return;
  signalled_ = true;
  ++wakes_;
  // Under the lock: otherwise the loop could take the item and destroy the inbox before this write.
  const std::uint64_t one = 1;
  PH_ASSERT(::write(wake_.get(), &one, sizeof one) == sizeof one);
}

std::vector<Task> Inbox::take() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (signalled_) {
    std::uint64_t count = 0;
    PH_ASSERT(::read(wake_.get(), &count, sizeof count) == sizeof count);
    signalled_ = false;
  }
  return std::exchange(waiting_, {});
}

std::size_t Inbox::wakes() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return wakes_;
}

}  // namespace posthorn::net
