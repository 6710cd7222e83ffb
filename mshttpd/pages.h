// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mshttpd/request.h"
#include "mshttpd/response.h"

namespace posthorn::mshttpd {

/// What this server shows: the status page at /, its style sheet, and 404 elsewhere. Pure. `host` is the
/// configured name of this host.
Response respond(const Request& request, std::string_view host);

}  // namespace posthorn::mshttpd
