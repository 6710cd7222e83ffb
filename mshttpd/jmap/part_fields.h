// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "mshttpd/jmap/method.h"

// What the properties of a body part that a client writes may hold (RFC 8621 4.1.4). Pure.

namespace posthorn::mshttpd::jmap {

/// RFC 2045 5.1: a token, of at most 127 octets.
bool isTokenText(View text);
/// "type/subtype".
bool isMediaType(View text);

/// "Content-ID" and the value of `cid`, Content-Language of `language`, Content-Location of `location`, each
/// as a folded field; Invalid with what is wrong.
Result<std::string> contentField(std::string_view key, const Json& value);

}  // namespace posthorn::mshttpd::jmap
