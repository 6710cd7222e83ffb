// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/http/request_reader.h"
#include "mshttpd/http/route.h"

namespace posthorn::mshttpd::http {

/// Whether Accept-Encoding allows `coding` ("gzip", "br"), quality values included (RFC 9110 12.5.3). Pure.
bool acceptsCoding(View acceptEncoding, View coding);

/// Compresses the body of a reply that may be compressed and is worth it (a text of more than a kilobyte);
/// says Vary either way. Any thread.
void compress(Reply& reply, View acceptEncoding);

}  // namespace posthorn::mshttpd::http
