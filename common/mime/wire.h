// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// Appends an IMAP string: quoted when RFC 3501's grammar allows it and the text is short, else a literal
/// ("{n}" CRLF octets). NUL, which a string cannot hold, becomes U+FFFD as in other servers.
void putString(Bytes& out, View text);
/// Appends decimal digits.
void putNumber(Bytes& out, std::uint64_t number);
/// The same as putString(), NIL for nothing.
void putNstring(Bytes& out, const std::optional<Bytes>& text);

}  // namespace posthorn::mime
