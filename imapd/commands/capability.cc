// SPDX-License-Identifier: Apache-2.0
#include "imapd/capabilities.h"
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// CAPABILITY (RFC 3501 6.1.1).
void commands::capability(Session& session, imap::Command&&) {
  Answer answer;
  answer.untagged = "* CAPABILITY " + capabilities(session) + "\r\n";
  session.answer(answer);
}

}  // namespace posthorn::imapd
