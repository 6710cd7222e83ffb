// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace posthorn::auth {

/// Overwrites the octets of `text`, also those behind its end that it has room for, and empties it.
void wipe(std::string& text) noexcept;

/// A password on its way through the process: one owner at a time, overwritten when it goes. It cannot be
/// copied, printed or compared by accident.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) noexcept : text_(std::move(text)) {}
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(Secret&& other) noexcept { text_.swap(other.text_); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(text_); }

  [[nodiscard]] std::string_view view() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  /// For C interfaces: ends with NUL and must not be kept.
  [[nodiscard]] const char* cString() const { return text_.c_str(); }

 private:
  std::string text_;
};

}  // namespace posthorn::auth
