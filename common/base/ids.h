// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace posthorn {

/// 128 random bits: EMAILID, MAILBOXID, instance ids.
struct Id128 {
  std::array<std::uint8_t, 16> raw{};
  auto operator<=>(const Id128&) const = default;  // NOLINT(modernize-use-nullptr): the tool errs

  static Id128 random();
  /// 32 lower-case hex digits, and back (nothing on any other input).
  [[nodiscard]] std::string hex() const;
  static std::optional<Id128> fromHex(std::string_view text);
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }
};

/// Bytes from the kernel's generator. Any thread; aborts when the kernel has none.
void randomBytes(void* out, std::size_t size);

/// 64-bit hash that is the same in every process and release (FNV-1a with a finaliser); not for secrets.
std::uint64_t stableHash(std::string_view bytes);

std::string toHex(std::string_view bytes);

/// Compares without telling by its time where the first difference is. Lengths may differ (false).
bool constantTimeEqual(std::string_view a, std::string_view b);

}  // namespace posthorn
