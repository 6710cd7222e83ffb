// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/quota.h"

namespace posthorn::imapd {

/// GETQUOTA (RFC 9208 4.1.1).
Result<Answer> commands::getQuota(Mail& mail, const imap::QuotaArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const auto account, accountOfRoot(mail, args.root));
  Answer answer;
  PH_CHECK(putQuotaOf(answer.untagged, account, mail.features.utf8));
  return answer;
}

}  // namespace posthorn::imapd
