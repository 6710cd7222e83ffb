// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/net/input_buffer.h"

namespace posthorn::net {

enum class LineEnd : std::uint8_t {
  CrLf,      ///< only CRLF ends a line; a bare LF is an octet of it
  CrLfOrLf,  ///< a bare LF ends it too
};

/// Takes lines out of a connection's input. No octet is looked at twice however small the pieces are in which
/// a line arrives. `buffer` must be able to hold a whole line (limit + 2 bytes). Loop thread.
class LineReader {
 public:
  /// A line has at most `limit` octets, its end not counted.
  LineReader(InputBuffer& buffer, std::size_t limit, LineEnd end = LineEnd::CrLfOrLf)
      : buffer_(buffer), limit_(limit), end_(end) {}

  /// The next line without its end; nothing while it is not whole. Errc::Limit when it is too long: nothing
  /// is consumed, and skipLongLine() is the only way on besides closing. The view is valid, and the line
  /// stays first in the buffer, until consume().
  Result<std::optional<std::string_view>> next();
  /// Drops the line that next() gave; does nothing when it gave none.
  void consume();

  /// After Errc::Limit: drops what there is of the line. True when its end was found; false: call again when
  /// more bytes are there.
  bool skipLongLine();

  void setLimit(std::size_t limit) { limit_ = limit; }

 private:
  std::size_t findEnd();

  InputBuffer& buffer_;
  std::size_t limit_;
  LineEnd end_;
  std::size_t scanned_ = 0;       // octets of the buffer that hold no end of line
  std::size_t lineBytes_ = 0;     // of the line that next() gave, its end included
  std::size_t seenConsumed_ = 0;  // buffer_.consumed() when scanned_ was true
};

}  // namespace posthorn::net
