// SPDX-License-Identifier: Apache-2.0
#include "common/net/proxy_header.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/bytes.h"

namespace posthorn::net {
namespace {

constexpr std::string_view kV2Signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::string_view kV1Signature("PROXY ");
constexpr std::size_t kV2Fixed = 16;

bool isPrefixOf(std::string_view bytes, std::string_view whole) {
  return whole.starts_with(bytes.substr(0, whole.size()));
}

// Decimal without leading zeroes: "0" to "65535" (the specification's words).
std::optional<std::uint16_t> parsePort(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  const auto value = ascii::number(text);
  if (!value || *value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

std::optional<Endpoint> parseEndpoint(std::string_view address, std::string_view port, bool v4) {
  const auto number = parsePort(port);
  const bool looksV4 = address.find(':') == std::string_view::npos;
  if (!number || looksV4 != v4) return std::nullopt;
  const auto parsed = Address::parse(address);
  if (!parsed) return std::nullopt;
  return Endpoint{.address = *parsed, .port = *number};
}

ProxyParse parseV1(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kProxyHeaderV1Limit).find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= kProxyHeaderV1Limit) return ProxyBad{"version 1: no CRLF in 107 bytes"};
    // A bare LF cannot become right any more, nor a CR that is followed by something else.
    const std::size_t odd = bytes.find_first_of("\r\n");
    if (odd != std::string_view::npos && odd + 1 < bytes.size()) return ProxyBad{"version 1: bare CR or LF"};
    if (odd != std::string_view::npos && bytes[odd] == '\n') return ProxyBad{"version 1: bare CR or LF"};
    return ProxyIncomplete{};
  }
  const std::string_view line = bytes.substr(0, end);
  if (line.find_first_of("\r\n") != std::string_view::npos) return ProxyBad{"version 1: bare CR or LF"};
  const auto parts = ascii::split(line, ' ');
  ProxyHeader header{.length = end + 2, .client = std::nullopt, .server = {}};
  if (parts.size() >= 2 && parts[1] == "UNKNOWN") return header;
  if (parts.size() != 6) return ProxyBad{"version 1: not six words"};
  const bool v4 = parts[1] == "TCP4";
  if (!v4 && parts[1] != "TCP6") return ProxyBad{"version 1: unknown protocol"};
  const auto client = parseEndpoint(parts[2], parts[4], v4);
  const auto server = parseEndpoint(parts[3], parts[5], v4);
  if (!client || !server) return ProxyBad{"version 1: no address or port"};
  header.client = *client;
  header.server = *server;
  return header;
}

Endpoint v2Endpoint(std::string_view block, std::size_t address, std::size_t port, bool v4) {
  const auto* raw = reinterpret_cast<const std::uint8_t*>(block.data()) + address;
  Endpoint endpoint;
  if (v4) {
    endpoint.address = Address::fromV4(raw);
  } else {
    std::array<std::uint8_t, 16> whole{};
    std::copy_n(raw, whole.size(), whole.begin());
    endpoint.address = Address(whole);
  }
  endpoint.port = getBe<std::uint16_t>(block, port);
  return endpoint;
}

ProxyParse parseV2(std::string_view bytes) {
  const auto byteAt = [bytes](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  if (bytes.size() > 12 && byteAt(12) >> 4 != 2) return ProxyBad{"version 2: unknown version"};
  const unsigned command = bytes.size() > 12 ? byteAt(12) & 0x0FU : 0U;
  if (command > 1) return ProxyBad{"version 2: unknown command"};
  if (bytes.size() < kV2Fixed) return ProxyIncomplete{};
  const unsigned family = byteAt(13) >> 4;
  const unsigned transport = byteAt(13) & 0x0FU;
  const std::size_t length = getBe<std::uint16_t>(bytes, 14);
  if (kV2Fixed + length > kProxyHeaderLimit) return ProxyBad{"version 2: too long"};
  if (family > 3 || transport > 2) return ProxyBad{"version 2: unknown family"};
  const bool tells = command == 1 && transport == 1 && (family == 1 || family == 2);
  const std::size_t addresses = family == 1 ? 12 : 36;
  if (tells && length < addresses) return ProxyBad{"version 2: addresses are cut off"};
  // Only now: a header that is wrong is wrong however much of it is here.
  if (bytes.size() < kV2Fixed + length) return ProxyIncomplete{};
  ProxyHeader header{.length = kV2Fixed + length, .client = std::nullopt, .server = {}};
  if (!tells) return header;
  const std::string_view block = bytes.substr(kV2Fixed, length);
  const bool v4 = family == 1;
  header.client = v2Endpoint(block, 0, v4 ? 8 : 32, v4);
  header.server = v2Endpoint(block, v4 ? 4 : 16, v4 ? 10 : 34, v4);
  return header;
}

}  // namespace

ProxyParse parseProxyHeader(std::string_view bytes) {
  if (isPrefixOf(bytes, kV2Signature)) {
    return bytes.size() < kV2Signature.size() ? ProxyParse{ProxyIncomplete{}} : parseV2(bytes);
  }
  if (isPrefixOf(bytes, kV1Signature)) {
    return bytes.size() < kV1Signature.size() ? ProxyParse{ProxyIncomplete{}} : parseV1(bytes);
  }
  return ProxyBad{"no PROXY header"};
}

}  // namespace posthorn::net
