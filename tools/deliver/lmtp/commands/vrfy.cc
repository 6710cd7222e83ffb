// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// VRFY: RCPT tells who is here, to those who bring mail.
void commands::vrfy(Session& session, View arguments) {
  if (arguments.empty()) return session.refuse(reply(501, "5.5.4", "VRFY takes a name"));
  session.answer(reply(252, "2.0.0", "Send some mail and see"));
}

}  // namespace posthorn::deliver::lmtp
