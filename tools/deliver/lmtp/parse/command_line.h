// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::deliver::lmtp {

/// One command line in its parts: views into the line, which must outlive them.
struct CommandLine {
  View verb;       ///< in the client's case
  View arguments;  ///< behind the verb, without blanks at both ends; empty when there are none
};

/// Splits a line without its CRLF (RFC 5321 §4.1.1). Invalid when it holds control characters, a bare CR or
/// LF included, or no verb. Pure; any thread.
Result<CommandLine> splitLine(View line);

/// A misfit of the line; the text may be shown to the client.
Error misfit(const char* text);

}  // namespace posthorn::deliver::lmtp
