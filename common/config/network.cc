// SPDX-License-Identifier: Apache-2.0
#include "common/config/network.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/base/ascii.h"

namespace posthorn::config {

namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::optional<in_addr> parseV4(const std::string& text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::array<std::uint8_t, 16> mapped(const in_addr& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
  std::memcpy(bytes.data() + 12, &address, 4);
  return bytes;
}

/// The prefix length of a contiguous IPv4 mask, of 128 bits.
std::optional<int> maskPrefix(std::string_view text) {
  const auto mask = parseV4(std::string(text));
  if (!mask) return std::nullopt;
  const std::uint32_t bits = ntohl(mask->s_addr);
  const int ones = std::countl_one(bits);
  if (std::popcount(bits) != ones) return std::nullopt;
  return 96 + ones;
}

std::optional<int> parsePrefix(std::string_view text, bool isV4) {
  const auto number = ascii::number(text);
  if (!number || *number > (isV4 ? 32U : 128U)) return std::nullopt;
  return static_cast<int>(*number) + (isV4 ? 96 : 0);
}

/// "0.0.0.0/0" catches IPv4 only, as "::/0" catches all.
void clearHostBits(Network& network) {
  for (int bit = network.prefix; bit < 128; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    network.address[at] = static_cast<std::uint8_t>(network.address[at] & ~(0x80U >> (bit % 8)));
  }
}

}  // namespace

bool Network::contains(const std::array<std::uint8_t, 16>& other) const {
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), other.begin())) {
    return false;
  }
  const int rest = prefix % 8;
  return rest == 0 || ((address[whole] ^ other[whole]) >> (8 - rest)) == 0;
}

std::optional<std::array<std::uint8_t, 16>> parseAddress(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  const std::string copy(text);
  if (const auto v4 = parseV4(copy)) return mapped(*v4);
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, copy.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

std::optional<std::array<std::uint8_t, 16>> addressOf(const sockaddr& address) {
  if (address.sa_family == AF_INET) return mapped(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  if (address.sa_family != AF_INET6) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 16);
  return bytes;
}

std::optional<Network> parseNetwork(std::string_view text) {
  const std::size_t cut = text.find_first_of("/|");
  std::string_view host = text.substr(0, cut);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto address = parseAddress(host);
  if (!address) return std::nullopt;
  const bool isV4 = host.find(':') == std::string_view::npos;
  std::optional<int> prefix = 128;
  if (cut != std::string_view::npos) {
    const std::string_view rest = text.substr(cut + 1);
    if (text[cut] == '|' && !isV4) return std::nullopt;
    prefix = text[cut] == '|' ? maskPrefix(rest) : parsePrefix(rest, isV4);
  }
  if (!prefix) return std::nullopt;
  Network network{*address, *prefix};
  clearHostBits(network);
  return network;
}

std::optional<ConnLimit> parseConnLimit(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  // Without brackets or a prefix the last group of an IPv6 address would be taken for the number.
  const std::string_view place = text.substr(0, colon);
  const bool bareV6 = place.find(':') != std::string_view::npos && place.find_first_of("/]") == place.npos;
  const auto network = parseNetwork(place);
  const auto most = ascii::number(text.substr(colon + 1));
  if (bareV6 || !network || !most || *most == 0 || *most > 1'000'000) return std::nullopt;
  return ConnLimit{*network, static_cast<std::uint32_t>(*most)};
}

}  // namespace posthorn::config
