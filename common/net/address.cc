// SPDX-License-Identifier: Apache-2.0
#include "common/net/address.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace posthorn::net {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

template <typename Get>
Endpoint endpointOf(int fd, Get get) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  auto* generic = reinterpret_cast<sockaddr*>(&storage);
  if (get(fd, generic, &length) != 0) return {};
  return Endpoint::from(*generic);
}

}  // namespace

Address Address::fromV4(const std::uint8_t* fourBytes) {
  Address address;
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.raw_.begin());
  std::copy_n(fourBytes, 4, address.raw_.begin() + 12);
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  const auto raw = config::parseAddress(text);
  if (!raw) return std::nullopt;
  return Address(*raw);
}

bool Address::isV4() const {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), raw_.begin());
}

bool Address::isLoopback() const {
  if (isV4()) return raw_[12] == 127;
  return std::all_of(raw_.begin(), raw_.end() - 1, [](std::uint8_t b) { return b == 0; }) && raw_[15] == 1;
}

std::string Address::text() const {
  char out[INET6_ADDRSTRLEN] = {};
  const bool v4 = isV4();
  ::inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? raw_.data() + 12 : raw_.data(), out, sizeof out);
  return out;
}

Endpoint Endpoint::from(const sockaddr& address) {
  Endpoint endpoint;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::uint8_t raw[4];
    std::memcpy(raw, &v4.sin_addr, sizeof raw);
    endpoint = {.address = Address::fromV4(raw), .port = ntohs(v4.sin_port)};
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::array<std::uint8_t, 16> raw{};
    std::memcpy(raw.data(), &v6.sin6_addr, raw.size());
    endpoint = {.address = Address(raw), .port = ntohs(v6.sin6_port)};
  }
  return endpoint;
}

Endpoint Endpoint::localOf(int fd) {
  return endpointOf(fd, ::getsockname);
}

std::string Endpoint::text() const {
  const std::string host = address.text();
  return (address.isV4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

bool containsAny(const std::vector<Network>& networks, const Address& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&address](const Network& n) { return n.contains(address.raw()); });
}

}  // namespace posthorn::net
