// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "common/base/bytes.h"

namespace posthorn::deliver::lmtp {

/// Takes the text of DATA out of the connection: removes the dots that were doubled and finds the end
/// (RFC 5321 §4.5.2). Gives the same octets however the input is cut. Pure; one thread.
///
/// Only CRLF ends a line here: CRLF "." CRLF is the one and only end, and only a dot behind CRLF was doubled.
/// A bare LF or CR is an octet of the text, so that "LF . LF", "LF . CRLF" and "CR . CR" end nothing and no
/// command can hide behind them, whatever the host before us took for a line. (The store makes CRLF of a bare
/// LF afterwards; a bare CR and NUL stay.)
class DotReader {
 public:
  struct Taken {
    std::size_t octets = 0;  ///< of the input that were used; what follows the end is not ours
    bool ended = false;
  };
  /// Appends the text in `input` to `out`. Not after the end.
  Taken feed(View input, std::string& out);

 private:
  enum class At : unsigned char {
    LineStart,  ///< behind CRLF, or at the beginning
    Text,
    Cr,     ///< behind a CR
    Dot,    ///< behind a dot at the beginning of a line, which has not been given out
    DotCr,  ///< behind that and a CR
  };
  void step(char c, std::string& out);

  At at_ = At::LineStart;
  bool ended_ = false;
};

}  // namespace posthorn::deliver::lmtp
