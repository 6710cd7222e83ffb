// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// NOOP (RFC 9051 §6.1.2).
Status commands::noop(Session& session, imap::Cursor& in) {
  PH_CHECK(in.end());
  session.answer("OK", "Done");
  return okStatus();
}

}  // namespace posthorn::imapd
