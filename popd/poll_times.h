// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace posthorn::popd {

/// When each user last logged in, for pop.popminpoll: a fixed table in a file that all popd processes of the
/// instance map, so that it does not matter which of them a client meets and a restart forgets nothing. It
/// keeps hashes, no names. When neighbours crowd, the oldest login is forgotten: then one login comes sooner
/// than it should, never later. Any thread; no locks; a process may die at any moment.
class PollTimes {
 public:
  /// Maps `path`, making it when it is missing or not of this form. Blocks; a job, or before the loop runs.
  static Result<std::shared_ptr<PollTimes>> open(const std::string& path);
  /// A table of this process alone: tests, or when the file cannot be had.
  static std::shared_ptr<PollTimes> unshared();

  PollTimes(void* table, std::size_t size) : table_(table), size_(size) {}
  ~PollTimes();
  PollTimes(const PollTimes&) = delete;
  PollTimes& operator=(const PollTimes&) = delete;

  /// Whether `user` may log in again: `gap` has passed since the last login that was recorded. A clock that
  /// was set back does not lock anybody out.
  [[nodiscard]] bool mayLogIn(View user, std::chrono::seconds gap, Wall now) const;
  void record(View user, Wall now);

 private:
  void* table_;
  std::size_t size_;
};

}  // namespace posthorn::popd
