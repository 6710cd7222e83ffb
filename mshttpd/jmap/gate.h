// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/base/locked.h"

namespace posthorn::mshttpd::jmap {

/// How many requests of one user run at a time in this process (maxConcurrentRequests, maxConcurrentUpload:
/// RFC 8620 2). Any thread.
class Gate {
 public:
  /// A place; given back by its destructor.
  class Pass {
   public:
    Pass(Gate& gate, std::string user) : gate_(&gate), user_(std::move(user)) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), user_(std::move(other.user_)) {}
    Pass& operator=(Pass&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(user_, other.user_);
      return *this;
    }
    ~Pass() {
      if (gate_ != nullptr) gate_->leave(user_);
    }

   private:
    Gate* gate_;
    std::string user_;
  };

  /// Nothing when `most` are inside.
  std::optional<Pass> enter(const std::string& user, unsigned most) {
    const bool room = inside_.with([&](Counts& counts) {
      unsigned& count = counts[user];
      if (count >= most) return false;
      ++count;
      return true;
    });
    if (!room) return std::nullopt;
    return std::optional<Pass>(std::in_place, *this, user);
  }

 private:
  using Counts = std::map<std::string, unsigned>;

  void leave(const std::string& user) {
    inside_.with([&](Counts& counts) {
      const auto found = counts.find(user);
      if (found != counts.end() && --found->second == 0) counts.erase(found);
    });
  }

  Locked<Counts> inside_;
};

}  // namespace posthorn::mshttpd::jmap
