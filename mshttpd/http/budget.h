// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace posthorn::mshttpd::http {

/// The memory that bodies of requests may take in this process, over all connections. Any thread.
class Budget {
 public:
  explicit Budget(std::uint64_t most) : most_(most) {}

  /// A part of it; given back when it goes.
  class Share {
   public:
    explicit Share(std::shared_ptr<Budget> of) : of_(std::move(of)) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() { of_->used_ -= held_; }
    /// False, and nothing changed, when there is not so much.
    bool hold(std::uint64_t octets) {
      if (octets <= held_) return true;
      const std::uint64_t more = octets - held_;
      if (of_->used_.fetch_add(more) + more > of_->most_) {
        of_->used_ -= more;
        return false;
      }
      held_ = octets;
      return true;
    }

   private:
    std::shared_ptr<Budget> of_;
    std::uint64_t held_ = 0;
  };

  [[nodiscard]] std::uint64_t used() const { return used_; }

 private:
  const std::uint64_t most_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace posthorn::mshttpd::http
