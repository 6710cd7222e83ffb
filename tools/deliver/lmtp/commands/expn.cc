// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// EXPN: there are no lists here.
void commands::expn(Session& session, View arguments) {
  static_cast<void>(arguments);
  session.answer(reply(502, "5.5.1", "Not available"));
}

}  // namespace posthorn::deliver::lmtp
