// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/quota.h"

namespace posthorn::imapd {

/// GETQUOTAROOT (RFC 9208 4.1.2). A mailbox of one's own need not be there; one of others must be readable.
Result<Answer> commands::getQuotaRoot(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const Place place, placeOf(mail, args.mailbox.utf8));
  if (!place.own) PH_CHECK(findMailbox(mail, place, store::kMayRead));
  const std::string root = quotaRootOf(place.account);
  Answer answer;
  imap::putQuotaRoot(answer.untagged, {args.mailbox, {root}}, {.utf8 = mail.features.utf8});
  PH_CHECK(putQuotaOf(answer.untagged, place.account, mail.features.utf8));
  return answer;
}

}  // namespace posthorn::imapd
