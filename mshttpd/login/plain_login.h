// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "mshttpd/context.h"
#include "mshttpd/http/route.h"

namespace posthorn::mshttpd::login {

/// GET /plain/login: the login page, which needs no script.
http::Reply loginPage(const Context& context, http::Request& request);
/// The same after a refusal.
http::Reply refusedPage(int status, std::string_view words);

}  // namespace posthorn::mshttpd::login
