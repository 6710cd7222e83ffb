// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// HELP.
void commands::help(Session& session, View arguments) {
  static_cast<void>(arguments);
  session.answer(
      reply(214, "2.0.0", "LMTP, RFC 2033: LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY STARTTLS QUIT"));
}

}  // namespace posthorn::deliver::lmtp
