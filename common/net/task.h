// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace posthorn::net {

/// A call without arguments and result that is made once; owns what it captured, so that unique things can be
/// moved into it. Calling an empty one is a bug.
class Task {
 public:
  Task() = default;
  template <typename F>
  requires(!std::same_as<std::remove_cvref_t<F>, Task> && std::invocable<std::decay_t<F>&>)
      Task(F&& f)  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
      : call_(std::make_unique<Held<std::decay_t<F>>>(std::forward<F>(f))) {}

  explicit operator bool() const { return call_ != nullptr; }
  void operator()() { call_->run(); }

 private:
  struct Call {
    virtual ~Call() = default;
    virtual void run() = 0;
  };
  template <typename F>
  struct Held final : Call {
    explicit Held(F&& f) : held(std::move(f)) {}
    explicit Held(const F& f) : held(f) {}
    void run() override { held(); }
    F held;
  };
  std::unique_ptr<Call> call_;
};

}  // namespace posthorn::net
