// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// EHLO and HELO: RFC 2033 §4.1 wants 500, so that no SMTP client takes this for its server.
void commands::ehlo(Session& session, View arguments) {
  static_cast<void>(arguments);
  session.refuse(reply(500, "5.5.1", "This is LMTP: say LHLO"));
}

}  // namespace posthorn::deliver::lmtp
