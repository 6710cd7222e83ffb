// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// Which encoded words are read: wherever something looks like one, as searching wants it; or only those that
/// stand as RFC 2047 5 and 6.1 demand: without blanks inside, between blanks, parentheses, commas, the ends
/// of the text or an opening angle bracket behind them (RFC 8621 4.1.2.2: no others are decoded).
enum class WordPlaces : std::uint8_t { Anywhere, Proper };

/// A header value in UTF-8: unfolded, encoded words decoded (RFC 2047; blanks between two of them fall away,
/// octets of a character split over two of one charset are joined, control characters that were encoded are
/// dropped), raw 8-bit octets read as UTF-8 where they are well-formed, else as windows-1252. A word that is
/// broken or of an unknown charset stays as it is written.
Bytes decodeHeader(View value, WordPlaces places = WordPlaces::Anywhere);

/// The same for a value that is one phrase or string already taken out of its field (a name of ENVELOPE).
Bytes decodeWords(View text, WordPlaces places = WordPlaces::Anywhere);

}  // namespace posthorn::mime
