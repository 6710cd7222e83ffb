// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/http/route.h"

namespace posthorn::mshttpd::jmap {

/// POST /jmap/api (RFC 8620 3).
http::Reply apiRoute(const Services& services, http::Request& request);
/// GET /.well-known/jmap (RFC 8620 2).
http::Reply sessionRoute(const Services& services, http::Request& request);

}  // namespace posthorn::mshttpd::jmap
