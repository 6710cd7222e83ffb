// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/mime/structure.h"

namespace posthorn::mime {

/// How a message/global part is shown: RFC 3501 knows no such part and takes it for one without structure,
/// RFC 9051 wants envelope and body as of message/rfc822.
enum class Dialect : std::uint8_t { Rev1, Rev2 };

/// BODYSTRUCTURE of RFC 3501 7.4.2 with all extension data, ready to send.
Bytes printBodystructure(const Structure& structure, Dialect dialect = Dialect::Rev1);

/// BODY without brackets, out of what printBodystructure() made; Corrupt on anything else.
Result<Bytes> bodyOfBodystructure(View wire);

}  // namespace posthorn::mime
