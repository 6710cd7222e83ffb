// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/mime/date.h"

// The other direction of words.h, parameters.h, decode.h and date.h: UTF-8 to what a message of ASCII lines
// may hold. Nothing here judges what it is given; whatever octets come, no line end comes out that was not
// made here.

namespace posthorn::mime {

/// Characters of a header line that are wanted (RFC 5322 2.1.1 and RFC 2047 2) and that are allowed.
inline constexpr std::size_t kWantedLine = 76;
inline constexpr std::size_t kLongestLine = 998;

/// An unstructured value: as it is where decodeHeader() gives it back, else as encoded words (RFC 2047).
Bytes encodeText(View utf8);
/// A phrase (a display name): atoms, a quoted string, or encoded words.
Bytes encodePhrase(View utf8);

/// RFC 5322 3.2.3: characters of an atom; words of them with single dots between.
bool isAtomCharacter(char c);
bool isDotAtom(View text);
/// A string in quotation marks.
Bytes quoteString(View text);

/// A parameter behind "; ": a token, a quoted string, or RFC 2231 in pieces where it is long or beyond ASCII.
/// `name` is a token.
Bytes encodeParameter(View name, View utf8);

/// "Name: value" and its line end, folded at blanks so that lines stay within kWantedLine where they can. The
/// value has no line ends.
Bytes foldField(View name, View value);

/// "Thu, 13 Feb 2020 08:30:00 +0100" (RFC 5322 3.3).
Bytes printDate(const SentDate& date);

/// RFC 2045 6.7 of text whose lines end in CRLF; other controls and trailing blanks are escaped, "From " and
/// lone dots at the beginning of lines as well.
Bytes encodeQuotedPrintable(View text);

/// RFC 2045 6.8 in lines of 76, each with its end, in pieces of any size. One thread.
class Base64Lines {
 public:
  /// Appends to `out` what can be told already.
  void feed(View octets, Bytes& out);
  void finish(Bytes& out);
  /// How many octets come out for `octets` that go in.
  static std::uint64_t size(std::uint64_t octets);

 private:
  Bytes pending_;  // less than a line's worth
};

}  // namespace posthorn::mime
