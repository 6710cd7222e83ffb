// SPDX-License-Identifier: Apache-2.0

// PROXY headers: a beginning of the input is incomplete or ends in the same result as the whole.

#include "common/net/proxy_header.h"

#include "test/fuzz/require.h"

using namespace posthorn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text(data, size);
  const auto whole = net::parseProxyHeader(bytes);
  if (const auto* header = std::get_if<net::ProxyHeader>(&whole)) {
    fuzz::require(header->length <= size && header->length <= net::kProxyHeaderLimit, "a header has a bound");
  }
  for (std::size_t length = 0; length < size && length < 300; ++length) {
    const auto part = net::parseProxyHeader(bytes.substr(0, length));
    if (std::holds_alternative<net::ProxyIncomplete>(part)) continue;
    fuzz::require(part.index() == whole.index(), "more bytes do not change the verdict");
    if (std::holds_alternative<net::ProxyHeader>(part)) fuzz::require(part == whole, "nor the header");
  }
  return 0;
}
