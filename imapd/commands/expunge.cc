// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"

namespace posthorn::imapd {

/// EXPUNGE (RFC 3501 6.4.3) and UID EXPUNGE (RFC 4315 2.1).
Result<Answer> commands::expunge(Mail& mail, const imap::ExpungeArgs& args, Request request) {
  PH_CHECK(mayWrite(mail, store::kMayExpunge));
  store::UidSet messages = store::UidSet::all();
  if (args.uids) {
    PH_TRY(messages, messagesOf(mail, *args.uids, request.uid));
  }
  PH_CHECK(mail.selected->box.expunge(messages, true));
  return Answer{};
}

}  // namespace posthorn::imapd
