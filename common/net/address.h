// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/network.h"

struct sockaddr;

namespace posthorn::net {

/// An IPv4 or IPv6 address. IPv4 is kept as ::ffff:a.b.c.d, so that one client is one value whichever socket
/// it came by. The default value is `::`, which is also what a Unix socket's peer has.
class Address {
 public:
  Address() = default;
  explicit Address(const std::array<std::uint8_t, 16>& raw) : raw_(raw) {}
  static Address fromV4(const std::uint8_t* fourBytes);
  /// Text without port, zone or brackets; nothing when it is not an address.
  static std::optional<Address> parse(std::string_view text);

  [[nodiscard]] bool isV4() const;
  [[nodiscard]] bool isLoopback() const;
  /// "192.0.2.1" or "2001:db8::1".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const std::array<std::uint8_t, 16>& raw() const { return raw_; }
  auto operator<=>(const Address&) const = default;

 private:
  std::array<std::uint8_t, 16> raw_{};
};

/// One end of a connection.
struct Endpoint {
  Address address;
  std::uint16_t port = 0;

  /// Of another family than IP: the default value.
  static Endpoint from(const sockaddr& address);
  static Endpoint localOf(int fd);
  /// "192.0.2.1:143" or "[2001:db8::1]:143".
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Endpoint&) const = default;
};

using config::Network;

/// True when any of `networks` holds `address`.
bool containsAny(const std::vector<Network>& networks, const Address& address);

}  // namespace posthorn::net
