// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"

namespace posthorn::store {

/// Turns lines of any kind into CRLF lines, in parts of any size, and notes what POP and IMAP will ask of
/// them. A bare LF gets a CR; a bare CR and NUL stay. One thread.
class LineForm {
 public:
  /// Appends the normalised octets to `out`. What comes does not depend on how the text is cut.
  void feed(View part, Bytes& out);

  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  /// Octets up to and with the first empty line, everything when there is none.
  [[nodiscard]] std::uint64_t headerLength() const { return headerLength_ > 0 ? headerLength_ : octets_; }
  [[nodiscard]] bool headerEnded() const { return headerLength_ > 0; }
  [[nodiscard]] bool dotLines() const { return dotLines_; }
  [[nodiscard]] bool hasNul() const { return hasNul_; }
  [[nodiscard]] bool eightBit() const { return eightBit_; }
  [[nodiscard]] bool endsWithNewline() const { return octets_ > 0 && atLineStart_; }

 private:
  void putLine(View text, Bytes& out);
  void endLine(Bytes& out);

  std::uint64_t octets_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t headerLength_ = 0;
  std::uint64_t lineStart_ = 0;
  bool lastWasCr_ = false;
  bool atLineStart_ = true;
  bool dotLines_ = false;
  bool hasNul_ = false;
  bool eightBit_ = false;
};

}  // namespace posthorn::store
