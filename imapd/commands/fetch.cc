// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/fetch/fetch_transfer.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// FETCH (RFC 3501 6.4.5).
void commands::fetch(Session& session, imap::Command&& command) {
  auto& args = std::get<imap::FetchArgs>(command.args);
  session.send(std::make_shared<FetchTransfer>(std::move(args), command.uid));
}

}  // namespace posthorn::imapd
