// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// NOOP.
void commands::noop(Session& session, View arguments) {
  static_cast<void>(arguments);
  session.answer(reply(250, "2.0.0", "Ok"));
}

}  // namespace posthorn::deliver::lmtp
