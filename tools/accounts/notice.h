// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/auth/account.h"
#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/config/snapshot.h"
#include "common/store/mailbox.h"
#include "common/store/quota_policy.h"

// Notices of the quota: plain messages from the server to a user about the user's own mailbox.

namespace posthorn::tools {

/// Whom a notice goes to and from where.
struct Letter {
  std::string to;    ///< an address; empty: none is known, the account's id stands there
  std::string host;  ///< the server: postmaster@host sends it
  Wall when;
  bool urgent = false;
};
Letter letterFor(const auth::Account& account, const config::Snapshot& config, Wall when);

/// A whole message (RFC 5322, MIME, CRLF lines of at most 998 octets) from `raw`: header fields, an empty
/// line and the text; or text alone when it does not begin with a field. What is missing is added (From, To,
/// Subject, and all that says that a machine wrote it); fields that only the server can know are replaced.
std::string finishLetter(std::string_view raw, const Letter& letter);

/// What the variables of store.quotaexceededmsg stand for.
struct NoticeFacts {
  std::string id;
  store::QuotaUse used;
  store::Quota limits;
  store::QuotaRules rules;
  store::QuotaNotice kind = store::QuotaNotice::Warning;
};
/// store.quotaexceededmsg with its variables replaced, its $ as line ends. Unknown words in brackets stay.
std::string fillNotice(std::string_view text, const NoticeFacts& facts);

/// "5120 kB", in units of 1024 octets, rounded up; "unlimited" for -1.
std::string kilobytes(std::int64_t octets);

/// Puts `message` into INBOX, whatever the quota says. False when it is not due any more. Blocks.
Result<bool> putIntoInbox(const store::AccountHandle& account, std::string_view message,
                          store::QuotaNotice kind);

}  // namespace posthorn::tools
