// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "common/net/address.h"

namespace posthorn::net {

/// The longest PROXY header that is taken: version 1 has at most 107 bytes, of version 2 (whose TLVs are
/// skipped) we take so many.
inline constexpr std::size_t kProxyHeaderV1Limit = 107;
inline constexpr std::size_t kProxyHeaderLimit = 2048;

/// A PROXY protocol header, version 1 or 2 (haproxy.org, proxy-protocol.txt).
struct ProxyHeader {
  std::size_t length = 0;          ///< bytes of the header: what follows is the client's
  std::optional<Endpoint> client;  ///< nothing for LOCAL and UNKNOWN: the proxy speaks for itself
  Endpoint server;                 ///< where the client connected to
  bool operator==(const ProxyHeader&) const = default;
};
struct ProxyIncomplete {
  bool operator==(const ProxyIncomplete&) const = default;
};
struct ProxyBad {
  std::string_view why;
  bool operator==(const ProxyBad&) const = default;
};
using ProxyParse = std::variant<ProxyIncomplete, ProxyBad, ProxyHeader>;

/// Judges the bytes at the beginning of a connection. Pure; any split of the input ends in the same result.
ProxyParse parseProxyHeader(std::string_view bytes);

}  // namespace posthorn::net
