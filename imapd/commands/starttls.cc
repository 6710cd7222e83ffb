// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// STARTTLS (RFC 9051 §6.2.1).
Status commands::starttls(Session& session, imap::Cursor& in) {
  PH_CHECK(in.end());
  if (!session.mayStartTls()) return Error{Errc::Invalid, "no STARTTLS now", "STARTTLS is not possible now"};
  session.startTls();
  return okStatus();
}

}  // namespace posthorn::imapd
