// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace posthorn::net {

/// What a client has sent and nobody has consumed yet: one run of bytes, at most `limit` of them, no memory
/// at all while it is empty. Loop thread.
class InputBuffer {
 public:
  explicit InputBuffer(std::size_t limit) : limit_(limit) {}

  /// Everything that waits. Valid until the next consume or append.
  [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, size()}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] bool full() const { return size() >= limit_; }
  [[nodiscard]] std::size_t limit() const { return limit_; }
  /// The memory held.
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// Drops the first `count` bytes (all, when there are fewer).
  void consume(std::size_t count);
  void clear() { consume(size()); }
  /// Counts the bytes that were ever consumed: lets a reader notice that the bytes under it moved.
  [[nodiscard]] std::size_t consumed() const { return consumed_; }

  /// Room for at most `wish` bytes at the end, to be followed by grown(); empty when the buffer is full.
  std::span<char> room(std::size_t wish);
  void grown(std::size_t count) { end_ += count; }
  /// Gives back the memory if the buffer is empty.
  void release();

  /// Called when consume has made room in a buffer that was full.
  void setOnRoom(std::function<void()> onRoom) { onRoom_ = std::move(onRoom); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t limit_;
  std::size_t consumed_ = 0;
  std::function<void()> onRoom_;
};

}  // namespace posthorn::net
