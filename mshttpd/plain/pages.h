// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/context.h"
#include "mshttpd/http/route.h"

// Mail as plain pages, rendered here, without a script: for a browser without the client, and for people who
// like it so. They ask what any JMAP client asks.

namespace posthorn::mshttpd::plain {

/// GET /plain/?mailbox=ID: the folders, and the latest messages of one.
http::Reply listRoute(const Context& context, http::Request& request);
/// GET /plain/read?id=ID: a message as text.
http::Reply readRoute(const Context& context, http::Request& request);
/// GET /plain/style.css.
http::Reply styleRoute(const Context& context, http::Request& request);
/// GET /plain.
http::Reply leadRoute(const Context& context, http::Request& request);

}  // namespace posthorn::mshttpd::plain
