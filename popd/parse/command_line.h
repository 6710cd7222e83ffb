// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::popd {

/// The longest command line, CRLF included (RFC 2449 §4). Lines of a SASL exchange have their own bound.
inline constexpr std::size_t kMaxCommandLine = 255;

/// A message number as a client writes it: from 1, in the order of the maildrop.
using MessageNumber = std::uint32_t;

/// One command line in its parts: views into the line, which must outlive them.
struct CommandLine {
  View keyword;    ///< in the client's case
  View arguments;  ///< all octets behind the first blank, trailing blanks included; empty when there are none
};

/// Splits a line without its CRLF (RFC 2449 §3). Invalid when it holds control characters or no keyword.
/// Pure; any thread.
Result<CommandLine> splitLine(View line);

/// Reads the arguments of one command from left to right. A misfit is Errc::Invalid with a text that may be
/// shown to the client. Pure.
class Arguments {
 public:
  explicit Arguments(View text) : rest_(text) {}

  /// Everything that is left, blanks at both ends included: PASS takes it as it is (RFC 1939 §7).
  [[nodiscard]] View verbatim() const { return rest_; }
  /// Everything that is left, without blanks at its ends.
  [[nodiscard]] View trimmed() const;
  /// True when only blanks are left.
  [[nodiscard]] bool atEnd() const { return trimmed().empty(); }

  /// The next word; Invalid when there is none.
  Result<View> word();
  /// The next word as a message number.
  Result<MessageNumber> messageNumber();
  /// Likewise when there is a further word.
  Result<std::optional<MessageNumber>> optionalMessageNumber();
  /// The next word as a count, which may be 0 (TOP). Counts beyond 32 bit are cut, not refused.
  Result<std::uint32_t> count();
  /// Invalid when anything but blanks is left.
  Status end() const;

 private:
  View rest_;
};

}  // namespace posthorn::popd
