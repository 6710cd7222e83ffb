// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/http/route.h"

namespace posthorn::mshttpd::http {

/// POST /jmap/upload/{accountId} (RFC 8620 6.1).
Reply uploadRoute(const jmap::Services& services, Request& request);
/// GET /jmap/download/{accountId}/{blobId}/{name}?accept=TYPE (RFC 8620 6.2).
Reply downloadRoute(const jmap::Services& services, Request& request);

/// Whether a browser may show this type itself: nothing that can run or frame anything. Pure.
bool mayShow(View type);
/// "attachment; filename=...; filename*=..." (RFC 6266, RFC 8187) for any name that a message brings. Pure.
std::string disposition(bool shown, View name);
/// A media type that can stand in a header: type/subtype and a plain charset, else application/octet-stream.
/// Pure.
std::string safeType(View type);

}  // namespace posthorn::mshttpd::http
