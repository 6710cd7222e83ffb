// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// BDAT (RFC 3030): so many octets behind the line, as they are. Whatever is wrong, they are no commands.
void commands::bdat(Session& session, View arguments) {
  const auto chunk = parseChunk(arguments);
  // How many octets follow is not known: nothing behind can be trusted to be a command.
  if (!chunk.ok()) return session.answerAndClose(reply(501, "5.5.4", chunk.error().client));
  const auto* mail = std::get_if<Mail>(&session.state());
  if (std::holds_alternative<Transfer>(session.state()) || (mail != nullptr && !mail->taken.empty()))
    return session.takeChunk(*chunk);
  session.dropChunk(*chunk, reply(503, "5.5.1", mail != nullptr ? "No valid recipients" : "Say MAIL first"));
}

}  // namespace posthorn::deliver::lmtp
