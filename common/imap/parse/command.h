// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "common/base/bytes.h"
#include "common/imap/parse/limits.h"
#include "common/imap/types/command.h"

// The server's side of the grammar: bytes to Command. Pure; nothing is kept between calls.
//
// The session gathers what has arrived of one command and calls parseCommand() again and again with all of
// it, from the tag on, until the outcome is Done or Bad, or LiteralWanted with a message. Whatever the pieces
// in which the bytes come, the final outcome is the same.

namespace posthorn::imap {

struct ParseOptions {
  bool utf8 = false;                       ///< UTF8=ACCEPT or IMAP4rev2 is enabled: names come in UTF-8
  std::size_t maxLine = kMaxLine;          ///< octets of one line
  std::uint64_t maxLiteral = kMaxLiteral;  ///< octets of a literal that is no message
};

/// The end of the line has not come yet: call again with more.
struct Incomplete {};

/// A literal was announced whose octets have not come yet. A message is never waited for: its literal is
/// reported as soon as its line is whole, also when octets of it have come already.
struct LiteralWanted {
  std::uint64_t octets = 0;
  bool synchronizing = false;  ///< the client waits for `+ `, once
  std::size_t begin = 0;  ///< where in the bytes the literal begins; not message: call again when more than
                          ///< begin + octets bytes are there
  /// Set for a message of APPEND only. The session takes the bytes before `begin` away, streams `octets`
  /// octets into the store and calls parseAppendTail() with what follows.
  std::optional<AppendMessage> message;
  /// With the first message of an APPEND: the command, whose args are AppendArgs.
  std::optional<Command> command;
};

/// A whole command, and how many of the bytes it took.
struct Done {
  Command command;
  std::size_t consumed = 0;
};

/// No command, or one that passes the limits. The session answers `tag BAD text` and takes `consumed` bytes
/// away. When `restFollows` is set the client is sending more of this command, unasked: first `discard`
/// octets of a literal, then the rest of a line; see skipRest().
struct Bad {
  std::string tag;        ///< "*" when there was none
  std::string text;       ///< for the client; names nothing that the client has sent
  std::size_t where = 0;  ///< the offset at which the parser gave up, for logs
  std::size_t consumed = 0;
  bool restFollows = false;
  std::uint64_t discard = 0;
};

using ParseOutcome = std::variant<Incomplete, LiteralWanted, Done, Bad>;
ParseOutcome parseCommand(View bytes, const ParseOptions& options = {});

/// The end of an APPEND, with how many bytes the end of its line took.
struct AppendEnd {
  std::size_t consumed = 0;
};

/// What follows a message's octets: the end of the command, or one more message (RFC 3502). `last` is the
/// message whose octets have gone by; `tag` is for Bad.
using TailOutcome = std::variant<Incomplete, LiteralWanted, AppendEnd, Bad>;
TailOutcome parseAppendTail(View bytes, const AppendMessage& last, View tag,
                            const ParseOptions& options = {});

/// Past the rest of a command that is refused already. `consumed` bytes are to be taken away; then, unless
/// `done`, `discard` octets are to be thrown away and the next call made with what follows.
struct Skipped {
  std::size_t consumed = 0;
  bool done = false;
  std::uint64_t discard = 0;
};
Skipped skipRest(View bytes);

/// The tag that `bytes` begin with, for the answer to a line that never came to an end; "*" when there is
/// none.
std::string tagOf(View bytes);

/// A client's line within AUTHENTICATE, without its end.
struct SaslLine {
  bool cancelled = false;  ///< "*"
  std::string octets;      ///< decoded
};
/// Nothing when it is neither "*" nor base64: the exchange is then over with BAD.
std::optional<SaslLine> parseSaslLine(View line);

/// DONE, the end of IDLE (RFC 2177), in any case, without its line end.
bool isIdleDone(View line);

}  // namespace posthorn::imap
