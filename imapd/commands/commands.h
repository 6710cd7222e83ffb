// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/imap/parse/cursor.h"

namespace posthorn::imapd {
class Session;
}

/// One function per command, each in the file of its name; loop thread.
namespace posthorn::imapd::commands {

Status capability(Session& session, imap::Cursor& in);
Status login(Session& session, imap::Cursor& in);
Status logout(Session& session, imap::Cursor& in);
Status noop(Session& session, imap::Cursor& in);
Status starttls(Session& session, imap::Cursor& in);

}  // namespace posthorn::imapd::commands
