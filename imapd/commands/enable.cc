// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// ENABLE (RFC 5161). Answers with those that it has switched on; unknown ones are passed over.
void commands::enable(Session& session, imap::Command&& command) {
  imap::CapabilityData enabled;
  enabled.enabled = true;
  Answer answer;
  const Features& features = session.mail().features;
  for (const std::string& name : std::get<imap::EnableArgs>(command.args).capabilities) {
    if (name == "CONDSTORE" && !features.condstore) {
      enableCondstore(session.mail(), answer.untagged);
      enabled.names.push_back(name);
    }
  }
  imap::putCapability(answer.untagged, enabled);
  session.answer(answer);
}

}  // namespace posthorn::imapd
