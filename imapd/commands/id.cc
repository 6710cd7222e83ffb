// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"
#include "common/log/logger.h"
#include "imapd/commands/commands.h"
#include "imapd/messages.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// ID (RFC 2971). What the client says of itself helps an operator and nothing else.
void commands::id(Session& session, imap::Command&& command) {
  std::string client;
  for (const auto& [name, value] : std::get<imap::IdArgs>(command.args).fields)
    if (value) client.append(client.empty() ? "" : " ").append(name).append("=").append(*value);
  log::write(messages::kClientId,
             {{"session", std::to_string(session.id().number())}, {"id", client.substr(0, 500)}});
  Answer answer;
  imap::putId(answer.untagged, {{{"name", "Posthorn"}, {"version", POSTHORN_VERSION}}});
  session.answer(answer);
}

}  // namespace posthorn::imapd
