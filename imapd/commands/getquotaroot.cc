// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"
#include "imapd/commands/commands.h"
#include "imapd/quota.h"

namespace posthorn::imapd {

/// GETQUOTAROOT (RFC 9208 4.1.2). The mailbox need not be there.
Result<Answer> commands::getQuotaRoot(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  Answer answer;
  imap::putQuotaRoot(answer.untagged, {args.mailbox, {quotaRootOf(mail)}}, {.utf8 = mail.features.utf8});
  PH_CHECK(putQuotaOf(answer.untagged, mail));
  return answer;
}

}  // namespace posthorn::imapd
