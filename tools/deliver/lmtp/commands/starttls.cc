// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// STARTTLS (RFC 3207).
void commands::starttls(Session& session, View arguments) {
  if (!arguments.empty()) return session.refuse(reply(501, "5.5.4", "STARTTLS takes no arguments"));
  if (session.stream().secure() != nullptr)
    return session.answer(reply(503, "5.5.1", "TLS is active already"));
  if (!session.mayStartTls()) return session.answer(reply(502, "5.5.1", "TLS is not available"));
  session.startTls();
}

}  // namespace posthorn::deliver::lmtp
