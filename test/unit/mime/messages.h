// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// `text` with LF lines, as the store keeps it.
Bytes crlf(View text);
/// A multipart message with boundary "b" and this body, LF lines.
Bytes multipart(View body, View subtype = "mixed");
/// Messages that are hard to cut right.
std::vector<Bytes> hardMessages();

}  // namespace posthorn::mime
