// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

std::string capabilities(const Session& session) {
  std::string atoms = "IMAP4rev1 LITERAL+";
  if (session.mayStartTls()) atoms += " STARTTLS";
  // RFC 9051 §6.2.3: told as long as LOGIN would be refused whatever the password.
  const bool loggedIn = std::holds_alternative<Authenticated>(session.state());
  if (!loggedIn && !session.passwordsAllowed()) atoms += " LOGINDISABLED";
  return atoms;
}

/// CAPABILITY (RFC 9051 §6.1.1).
Status commands::capability(Session& session, imap::Cursor& in) {
  PH_CHECK(in.end());
  session.untagged("CAPABILITY " + capabilities(session));
  session.answer("OK", "Done");
  return okStatus();
}

}  // namespace posthorn::imapd
