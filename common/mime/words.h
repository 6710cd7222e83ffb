// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/bytes.h"

namespace posthorn::mime {

/// A header value in UTF-8: unfolded, encoded words decoded (RFC 2047; blanks between two of them fall away,
/// octets of a character split over two of one charset are joined), raw 8-bit octets read as UTF-8 where they
/// are well-formed, else as windows-1252. A word that is broken or of an unknown charset stays as it is
/// written.
Bytes decodeHeader(View value);

/// The same for a value that is one phrase or string already taken out of its field (a name of ENVELOPE).
Bytes decodeWords(View text);

}  // namespace posthorn::mime
