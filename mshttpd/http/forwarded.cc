// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/forwarded.h"

#include "common/base/ascii.h"

namespace posthorn::mshttpd::http {
namespace {

/// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711": some proxies tell the port.
std::optional<net::Address> addressOf(View text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == View::npos ? std::nullopt : net::Address::parse(text.substr(1, end - 1));
  }
  const std::size_t colon = text.find(':');
  if (colon != View::npos && text.find(':', colon + 1) == View::npos) text = text.substr(0, colon);
  return net::Address::parse(text);
}

View lastOf(View list) {
  const std::size_t comma = list.rfind(',');
  return ascii::trim(comma == View::npos ? list : list.substr(comma + 1));
}

}  // namespace

Sender senderOf(const Head& head, const net::Endpoint& peer, bool tls,
                const std::vector<net::Network>& trusted) {
  Sender sender{.client = peer, .secure = tls};
  if (!net::containsAny(trusted, peer.address)) return sender;
  View path = head.header("x-forwarded-for");
  while (!path.empty() && net::containsAny(trusted, sender.client.address)) {
    const View last = lastOf(path);
    const auto address = addressOf(last);
    if (!address) break;
    sender.client = {*address, 0};
    sender.forwarded = true;
    const std::size_t comma = path.rfind(',');
    path = comma == View::npos ? View() : path.substr(0, comma);
  }
  if (const View scheme = lastOf(head.header("x-forwarded-proto")); !scheme.empty()) {
    sender.secure = ascii::equal(scheme, "https");
    sender.forwarded = true;
  }
  return sender;
}

}  // namespace posthorn::mshttpd::http
