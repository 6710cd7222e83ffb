// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// QUIT.
void commands::quit(Session& session, View arguments) {
  if (!arguments.empty()) return session.refuse(reply(501, "5.5.4", "QUIT takes no arguments"));
  session.answerAndClose(reply(221, "2.0.0", "Bye"));
}

}  // namespace posthorn::deliver::lmtp
