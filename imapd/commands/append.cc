// SPDX-License-Identifier: Apache-2.0
#include "imapd/append.h"

#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// APPEND (RFC 3501 6.3.11): the input has made the Append when it saw the first message.
void commands::append(Session& session, imap::Command&&) {
  session.beginAppend();
}

}  // namespace posthorn::imapd
