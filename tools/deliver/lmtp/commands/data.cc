// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// DATA (RFC 5321 §4.1.1.4); RFC 2033 §4.2 wants 503 when nobody would get the message.
void commands::data(Session& session, View arguments) {
  if (!arguments.empty()) return session.refuse(reply(501, "5.5.4", "DATA takes no arguments"));
  if (std::get<Mail>(session.state()).taken.empty())
    return session.answer(reply(503, "5.5.1", "No valid recipients"));
  session.takeText();
}

}  // namespace posthorn::deliver::lmtp
