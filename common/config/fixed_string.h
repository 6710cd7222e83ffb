// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace posthorn::config {

/// A string literal as a template argument, so that `get<"pop.port">()` is looked up by the compiler.
template <std::size_t N>
struct FixedString {
  char text[N]{};

  constexpr FixedString() = default;
  constexpr FixedString(const char (&literal)[N]) {  // NOLINT(google-explicit-constructor)
    std::copy_n(literal, N, text);
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text, N - 1}; }
};

template <std::size_t A, std::size_t B>
constexpr FixedString<A + B - 1> operator+(const FixedString<A>& a, const FixedString<B>& b) {
  FixedString<A + B - 1> joined;
  std::copy_n(a.text, A - 1, joined.text);
  std::copy_n(b.text, B, joined.text + A - 1);
  return joined;
}

/// The storage of a text put together at compile time; lives for ever.
template <FixedString Text>
inline constexpr FixedString kText = Text;

/// `joined<"pop", ".port">` is the text "pop.port".
template <FixedString A, FixedString B>
inline constexpr std::string_view kJoined = kText<A + B>.view();

}  // namespace posthorn::config
