// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// LOGOUT (RFC 9051 §6.1.3).
Status commands::logout(Session& session, imap::Cursor& in) {
  PH_CHECK(in.end());
  session.leave();
  return okStatus();
}

}  // namespace posthorn::imapd
