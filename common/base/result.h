// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "common/base/assert.h"
#include "common/base/error.h"

namespace posthorn {

/// A value or an Error; std::expected's subset until C++23. Reading the wrong side is a bug and aborts.
template <typename T>
class [[nodiscard]] Result {
 public:
  using Value = T;
  Result(T value)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error)  // NOLINT(google-explicit-constructor)
      : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & {
    PH_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    PH_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    PH_ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] T valueOr(T other) && { return ok() ? std::move(*this).value() : std::move(other); }

  [[nodiscard]] Error& error() {
    PH_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] const Error& error() const {
    PH_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Result without a value: a default-made Status is success.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] Error& error() {
    PH_ASSERT(error_.has_value());
    return *error_;
  }
  [[nodiscard]] const Error& error() const {
    PH_ASSERT(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

inline Status okStatus() {
  return {};
}

}  // namespace posthorn

#define PH_CONCAT_INNER(a, b) a##b
#define PH_CONCAT(a, b) PH_CONCAT_INNER(a, b)

/// PH_TRY(auto x, expr): declares x from a Result, or returns its Error from this function.
#define PH_TRY(declaration, expression)                                                         \
  auto PH_CONCAT(phTry_, __LINE__) = (expression);                                              \
  if (!PH_CONCAT(phTry_, __LINE__).ok()) return std::move(PH_CONCAT(phTry_, __LINE__)).error(); \
  declaration = std::move(PH_CONCAT(phTry_, __LINE__)).value() /* NOLINT(bugprone-macro-parentheses) */

/// PH_CHECK(expr): returns the Error of a Status (or Result whose value does not matter) from this function.
#define PH_CHECK(expression)                                \
  do {                                                      \
    auto phStatus = (expression);                           \
    if (!phStatus.ok()) return std::move(phStatus).error(); \
  } while (false)
