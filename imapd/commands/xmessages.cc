// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/fetch/messages_transfer.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// XMESSAGES: messages wherever they lie (RFC 8621 4.2).
void commands::xMessages(Session& session, imap::Command&& command) {
  auto& args = std::get<imap::jmap::MessagesArgs>(command.args);
  session.send(std::make_shared<MessagesTransfer>(std::move(args)));
}

}  // namespace posthorn::imapd
