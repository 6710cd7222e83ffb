// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>

namespace posthorn::imap {

/// A set of the values of a small enum (at most 32 of them, counted from 0).
template <typename E>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  constexpr EnumSet(std::initializer_list<E> members) {
    for (const E member : members) add(member);
  }
  constexpr void add(E member) { bits_ |= bit(member); }
  constexpr void remove(E member) { bits_ &= ~bit(member); }
  [[nodiscard]] constexpr bool has(E member) const { return (bits_ & bit(member)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  /// Whether every member of `other` is one of these.
  [[nodiscard]] constexpr bool covers(EnumSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool operator==(const EnumSet&) const = default;

 private:
  static constexpr std::uint32_t bit(E member) { return std::uint32_t{1} << static_cast<unsigned>(member); }
  std::uint32_t bits_ = 0;
};

}  // namespace posthorn::imap
