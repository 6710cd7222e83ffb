// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/login/web_sessions.h"

namespace posthorn::mshttpd::login {

/// A session as it is stored. Pure.
Bytes encode(const WebSession& session);
/// Nothing when it is no such record, or of another release.
std::optional<WebSession> decode(View record);

/// Whether both addresses are of one network: /24 of IPv4, /64 of IPv6. Pure.
bool sameNetwork(const net::Address& a, const net::Address& b);

}  // namespace posthorn::mshttpd::login
