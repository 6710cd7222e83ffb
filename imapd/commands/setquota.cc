// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/quota.h"

namespace posthorn::imapd {

/// SETQUOTA (RFC 9208 4.1.3) without QUOTASET: limits are the directory's, whoever asks.
Result<Answer> commands::setQuota(Mail& mail, const imap::SetQuotaArgs& args, Request request) {
  static_cast<void>(request);
  PH_CHECK(accountOfRoot(mail, args.root));
  return Error{Errc::Denied, "imapd: SETQUOTA", "Quotas are set in the directory"};
}

}  // namespace posthorn::imapd
