// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// The character that "&name;" or "&#number;" stands for, in UTF-8; `reference` is what stands between & and
/// ;. Knows the names of HTML 4. For this room only.
std::optional<Bytes> decodeHtmlReference(View reference);

}  // namespace posthorn::mime
