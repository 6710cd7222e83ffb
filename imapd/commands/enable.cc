// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"
#include "imapd/commands/commands.h"
#include "imapd/metadata.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// ENABLE (RFC 5161). Answers with those that it has switched on; unknown ones are passed over.
void commands::enable(Session& session, imap::Command&& command) {
  imap::CapabilityData enabled;
  enabled.enabled = true;
  Answer answer;
  bool metadata = false;
  const Features& features = session.mail().features;
  for (const std::string& name : std::get<imap::EnableArgs>(command.args).capabilities) {
    if (name == "CONDSTORE" && !features.condstore) {
      enableCondstore(session.mail(), answer.untagged);
      enabled.names.push_back(name);
    } else if (name == "METADATA" && !features.metadata) {
      session.mail().features.metadata = true;
      metadata = true;
      enabled.names.push_back(name);
    }
  }
  imap::putCapability(answer.untagged, enabled);
  if (!metadata) return session.answer(answer);
  // Told is what changes from here on.
  session.inJob([answer](Mail& mail) -> Result<Window> {
    std::string before;
    PH_CHECK(tellMetadata(mail, before));
    return Window{{}, answer};
  });
}

}  // namespace posthorn::imapd
