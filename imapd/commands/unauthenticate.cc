// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// UNAUTHENTICATE (RFC 8437): a proxy user gives the connection back as it was before the login, for the next
/// user. For all others it is no command (3: "not advertised").
void commands::unauthenticate(Session& session, imap::Command&&) {
  if (!session.mayUnauthenticate()) return session.bad("Unknown command");
  session.unauthenticate();
}

}  // namespace posthorn::imapd
