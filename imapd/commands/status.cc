// SPDX-License-Identifier: Apache-2.0
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/mailbox_status.h"

namespace posthorn::imapd {

/// STATUS (RFC 3501 6.3.10).
Result<Answer> commands::status(Mail& mail, const imap::StatusArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const Found found, findMailbox(mail, args.mailbox.utf8, store::kMayRead));
  PH_TRY(const auto now, found.box.status());
  Answer answer;
  if (args.items.has(imap::StatusItem::HighestModseq)) enableCondstore(mail, answer.untagged);
  PH_CHECK(putMailboxStatus(answer.untagged, mail, args.mailbox, found.box, now, args.items));
  return answer;
}

}  // namespace posthorn::imapd
