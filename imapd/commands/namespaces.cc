// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// NAMESPACE (RFC 2342): one's own mailboxes stand at the root, those of others behind a prefix.
void commands::namespaces(Session& session, imap::Command&&) {
  Answer answer;
  imap::putNamespace(answer.untagged, {{{"", '/'}}, {{std::string(kOthersPrefix), '/'}}, {}});
  session.answer(answer);
}

}  // namespace posthorn::imapd
