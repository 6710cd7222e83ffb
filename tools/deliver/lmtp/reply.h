// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/bytes.h"
#include "tools/deliver/failure.h"

namespace posthorn::deliver::lmtp {

/// The longest reply line, CRLF included (RFC 5321 §4.5.3.1.5).
inline constexpr std::size_t kMaxReply = 512;

/// "250 2.1.0 text" with CRLF (RFC 2034). `status` is empty where RFC 2034 wants none (greeting, LHLO).
/// Octets that may not stand there become '?', what is too long is cut. Pure.
std::string reply(int code, View status, View text);

/// The reply for a recipient whom the message does not reach: RFC 3463's status of each cause, and text for
/// the sender and his mail server, without what only the operator may see.
std::string reply(const Failure& failure, View address);

/// True for 2xx and 3xx.
bool isGood(View reply);

}  // namespace posthorn::deliver::lmtp
