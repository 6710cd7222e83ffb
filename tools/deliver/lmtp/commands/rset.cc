// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// RSET.
void commands::rset(Session& session, View arguments) {
  if (!arguments.empty()) return session.refuse(reply(501, "5.5.4", "RSET takes no arguments"));
  if (!std::holds_alternative<Strange>(session.state())) session.forgetMail();
  session.answer(reply(250, "2.0.0", "Ok"));
}

}  // namespace posthorn::deliver::lmtp
