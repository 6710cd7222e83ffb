// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/auth/reason.h"
#include "common/base/bytes.h"
#include "common/base/error.h"

namespace posthorn::popd {

/// The longest status line, CRLF included (RFC 2449 §4).
inline constexpr std::size_t kMaxReply = 512;

/// "+OK text" and "-ERR text" with CRLF; octets that may not stand in a status line become '?', and what is
/// too long is cut. `code` is a response code with its brackets, or empty. Pure.
std::string okReply(View text);
std::string errReply(View code, View text);

/// The answer to a command that failed: the response code of RFC 2449, 3206 for each Errc, and the text that
/// a client may see.
std::string errReply(const Error& error);

/// The answer to a login that was refused.
std::string errReply(auth::Reason reason);

}  // namespace posthorn::popd
