// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::imap {

/// A literal announced at the end of a line: {5} or {5+} (RFC 9051 §4.3, RFC 7888).
struct LiteralMark {
  std::uint64_t octets = 0;
  bool synchronising = true;  ///< the client waits for `+ ` before it sends them
};

/// The literal that `line` (without CRLF) announces; nothing when it announces none. Counts over 2^63 are
/// refused as none: the line is then no command.
std::optional<LiteralMark> literalAtEnd(View line);

/// Reads one command from left to right: the text of its lines with their literals in place
/// (`a1 LOGIN {4}\r\nanna secret`), without the last CRLF. A misfit is Errc::Invalid with a text that may be
/// shown to the client. Pure; views into the text, which must outlive it.
class Cursor {
 public:
  explicit Cursor(View text) : rest_(text) {}

  /// tag: any ASTRING-CHAR except "+".
  Result<View> tag();
  /// A command's or mechanism's name.
  Result<View> atom();
  /// atom, quoted string or literal, as its octets. NUL is refused in all three.
  Result<std::string> astring();
  /// Exactly one blank.
  Status space();
  /// Nothing may be left.
  [[nodiscard]] Status end() const;
  [[nodiscard]] View rest() const { return rest_; }

 private:
  Result<std::string> quoted();
  Result<std::string> literal();
  View rest_;
};

}  // namespace posthorn::imap
