// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/imap/parse/scanner.h"
#include "common/imap/types/fetch.h"

namespace posthorn::imap {

/// [1.2.HEADER.FIELDS (DATE FROM)], from "[" to "]".
Result<Section> parseSection(Scanner& in);
/// [1.2] or [], the section of BINARY.
Result<Section> parseBinarySection(Scanner& in);

}  // namespace posthorn::imap
