// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/context.h"
#include "mshttpd/http/route.h"

namespace posthorn::mshttpd::login {

/// GET /session: who is logged in, the CSRF token of the session, and the real limit of attachments.
http::Reply sessionRoute(const Context& context, http::Request& request);
/// POST /session/token: a session of its own for a JMAP client, to be used as Bearer token.
http::Reply tokenRoute(const Context& context, http::Request& request);
/// POST /logout, with {"everywhere":true} all sessions of the user. A form must carry the CSRF token.
http::Reply logoutRoute(const Context& context, http::Request& request);

}  // namespace posthorn::mshttpd::login
