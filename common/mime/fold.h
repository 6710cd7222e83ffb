// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/bytes.h"

namespace posthorn::mime {

/// i;unicode-casemap (RFC 5051): two texts that fold to the same octets are equal, and one contains the other
/// when its folded form does. Each character is folded by itself, so that text may be cut between any two
/// characters. ASCII letters become upper case; octets that are no UTF-8 stay as they are.
Bytes fold(View utf8);
/// Appends to `out`.
void foldInto(View utf8, Bytes& out);

/// i;ascii-casemap in the same direction.
Bytes foldAscii(View text);

}  // namespace posthorn::mime
