// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/bytes.h"
#include "common/mime/parameters.h"

namespace posthorn::mime {

/// Joins what RFC 2231 3 and 4.1 cut: `a*0`, `a*1*` ... become one parameter `a`, or `a*` when one of the
/// pieces is extended (octets of the others are then percent-encoded where they must be). It stands where the
/// first piece stood. Pieces without a beginning stay as they are. For this room only.
void joinContinuations(Parameters& parameters);

/// The value of an extended parameter in UTF-8: charset'language'percent octets (RFC 2231 4). Broken ones as
/// far as they can be read.
Bytes decodeExtended(View value);

}  // namespace posthorn::mime
