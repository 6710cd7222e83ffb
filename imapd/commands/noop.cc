// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// NOOP (RFC 3501 6.1.2): the client polls for what others have changed.
void commands::noop(Session& session, imap::Command&&) {
  const bool curious = session.state() != kNotAuthenticated && session.mail().features.metadata;
  if (session.state() != kSelected && !curious) return session.answer({});
  session.inJob([](Mail&) -> Result<Window> { return Window{{}, Answer{}}; });
}

}  // namespace posthorn::imapd
