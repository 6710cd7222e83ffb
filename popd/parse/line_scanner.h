// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/bytes.h"

namespace posthorn::popd {

/// Finds what RETR and TOP have to do to a message besides copying it (RFC 1939 §3): which dots to double,
/// where TOP ends, what must stand behind the last octet. It is fed the message in windows of any size and
/// gives the same answer for every way of cutting it. Pure; one thread.
///
/// A line also begins behind a lone LF: many clients take that for a line end, and an unstuffed dot there
/// would let a message end its own response.
class LineScanner {
 public:
  /// `bodyLines`: how many lines behind the header TOP wants; nothing for the whole message.
  explicit LineScanner(std::optional<std::uint32_t> bodyLines) : bodyLines_(bodyLines) {}

  struct Window {
    std::vector<std::uint32_t> dots;  ///< offsets in the window before which one more dot is sent, ascending
    std::size_t take = 0;             ///< octets of the window that are sent; less than all where TOP ends
  };
  /// The next octets of the message; at most 4 GiB. Not after finished().
  Window scan(View window);

  /// TOP has all its lines.
  [[nodiscard]] bool finished() const { return finished_; }

  /// What follows the last octet that was taken: the end of its line where there is none, and the final dot.
  [[nodiscard]] View terminator() const { return endsWithCrlf_ ? ".\r\n" : "\r\n.\r\n"; }

 private:
  /// A line has ended; `blank` when nothing stood in it. True when it was the last one that is sent.
  bool lineEnded(bool blank);

  std::optional<std::uint32_t> bodyLines_;
  std::uint64_t lineOctets_ = 0;  // of the current line in the windows before this one
  char last_ = '\n';              // the octet before the window
  bool endsWithCrlf_ = true;      // nothing was sent yet, or CRLF was
  bool inBody_ = false;
  bool finished_ = false;
};

}  // namespace posthorn::popd
