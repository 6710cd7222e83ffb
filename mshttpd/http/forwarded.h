// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/net/address.h"
#include "mshttpd/http/request_reader.h"

namespace posthorn::mshttpd::http {

/// Who sent a request and how, as far as it can be known.
struct Sender {
  net::Endpoint client;    ///< port 0 when a proxy told the address
  bool secure = false;     ///< the client speaks TLS, to us or to a proxy of ours
  bool forwarded = false;  ///< a proxy of ours told one of the two
};

/// A peer that is one of `trusted` (base.trustedproxies) is believed what it says in X-Forwarded-For, the
/// addresses from right to left up to the first that is no proxy of ours, and in X-Forwarded-Proto. Of
/// everybody else the two fields mean nothing. One connection of a proxy brings requests of many clients, so
/// this is asked for each. Pure.
Sender senderOf(const Head& head, const net::Endpoint& peer, bool tls,
                const std::vector<net::Network>& trusted);

}  // namespace posthorn::mshttpd::http
