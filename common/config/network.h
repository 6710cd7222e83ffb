// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

struct sockaddr;

namespace posthorn::config {

/// A block of IPv4 or IPv6 addresses. IPv4 is kept as ::ffff:a.b.c.d, so that an IPv4 client on an IPv6
/// socket is found.
struct Network {
  std::array<std::uint8_t, 16> address{};
  int prefix = 0;  ///< of 128 bits: an IPv4 /24 is 120

  [[nodiscard]] bool contains(const std::array<std::uint8_t, 16>& other) const;
};

/// An address in Network's form; nothing when it is not one.
std::optional<std::array<std::uint8_t, 16>> parseAddress(std::string_view text);
std::optional<std::array<std::uint8_t, 16>> addressOf(const sockaddr& address);

/// "10.0.0.0/8", "2001:db8::/32", a bare address, or the manuals' "10.0.0.0|255.0.0.0".
std::optional<Network> parseNetwork(std::string_view text);

/// One item of *.connlimits: at most `most` connections at a time for each address in `network`.
struct ConnLimit {
  Network network;
  std::uint32_t most = 0;
};
/// "0.0.0.0|0.0.0.0:20", "10.0.0.0/8:100", "[2001:db8::]/32:50".
std::optional<ConnLimit> parseConnLimit(std::string_view text);

}  // namespace posthorn::config
