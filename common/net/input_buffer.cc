// SPDX-License-Identifier: Apache-2.0
#include "common/net/input_buffer.h"

#include <algorithm>
#include <cstring>

namespace posthorn::net {

namespace {
constexpr std::size_t kFirstCapacity = 2048;
}

void InputBuffer::consume(std::size_t count) {
  count = std::min(count, size());
  if (count == 0) return;
  const bool wasFull = full();
  begin_ += count;
  consumed_ += count;
  if (empty()) begin_ = end_ = 0;
  if (wasFull && onRoom_) onRoom_();
}

std::span<char> InputBuffer::room(std::size_t wish) {
  wish = std::min(wish, limit_ - std::min(limit_, size()));
  if (wish == 0) return {};
  if (end_ + wish > capacity_) {
    // Doubling, or moving only when at least half is free: each octet is moved a bounded number of times.
    const std::size_t needed = size() + wish;
    if (needed * 2 <= capacity_) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, size());
    } else {
      const std::size_t grown = std::max({kFirstCapacity, capacity_ * 2, needed});
      auto bigger = std::make_unique_for_overwrite<char[]>(grown);
      if (!empty()) std::memcpy(bigger.get(), bytes_.get() + begin_, size());
      bytes_ = std::move(bigger);
      capacity_ = grown;
    }
    end_ -= begin_;
    begin_ = 0;
  }
  return {bytes_.get() + end_, wish};
}

void InputBuffer::release() {
  if (!empty() || capacity_ == 0) return;
  bytes_.reset();
  capacity_ = 0;
  begin_ = end_ = 0;
}

}  // namespace posthorn::net
