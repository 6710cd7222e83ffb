// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/jmap/method.h"

// The methods of method_table.cc, each in the file of its object.

namespace posthorn::mshttpd::jmap {

// core.cc (RFC 8620 4)
Answer coreEcho(Call& call, const Json& args);

// blob_*.cc (RFC 8620 6.3, RFC 9404)
Answer blobCopy(Call& call, const Json& args);
Answer blobGet(Call& call, const Json& args);
Answer blobLookup(Call& call, const Json& args);
Answer blobUpload(Call& call, const Json& args);

}  // namespace posthorn::mshttpd::jmap
