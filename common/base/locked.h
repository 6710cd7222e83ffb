// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <utility>

namespace posthorn {

/// A value that cannot be touched without its mutex: `locked.with([](T& v) { ... })`.
template <typename T>
class Locked {
 public:
  template <typename... Args>
  explicit Locked(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <typename F>
  decltype(auto) with(F&& f) {
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::forward<F>(f)(value_);
  }
  template <typename F>
  decltype(auto) with(F&& f) const {
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace posthorn
