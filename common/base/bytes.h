// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace posthorn {

/// Octets; no encoding is implied.
using Bytes = std::string;
using View = std::string_view;

static_assert(std::endian::native == std::endian::little,
              "stored values are little-endian and are read by memcpy");

/// Little-endian values, for stored records.
template <std::unsigned_integral T>
void putLe(Bytes& out, T value) {
  char raw[sizeof(T)];
  std::memcpy(raw, &value, sizeof(T));
  out.append(raw, sizeof(T));
}
template <std::unsigned_integral T>
T getLe(View in, std::size_t offset) {
  T value{};
  if (offset + sizeof(T) <= in.size()) std::memcpy(&value, in.data() + offset, sizeof(T));
  return value;
}

/// Big-endian values, for keys whose byte order must be their numeric order.
template <std::unsigned_integral T>
void putBe(Bytes& out, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
}
template <std::unsigned_integral T>
T getBe(View in, std::size_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T) && offset + i < in.size(); ++i)
    value = static_cast<T>((value << 8) | static_cast<unsigned char>(in[offset + i]));
  return value;
}

}  // namespace posthorn
