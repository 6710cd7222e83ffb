// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// LOGOUT (RFC 3501 6.1.3).
void commands::logout(Session& session, imap::Command&&) {
  session.bye("Goodbye", "OK Done");
}

}  // namespace posthorn::imapd
