// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// STARTTLS (RFC 3501 6.2.1).
void commands::starttls(Session& session, imap::Command&&) {
  if (!session.mayStartTls()) return session.bad("STARTTLS is not possible now");
  session.startTls();
}

}  // namespace posthorn::imapd
