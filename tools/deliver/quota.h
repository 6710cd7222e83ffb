// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/auth/account.h"
#include "common/base/result.h"
#include "common/config/snapshot.h"
#include "common/store/mailbox.h"
#include "tools/deliver/failure.h"

// Delivery under the rules of store.quota*, for stdin and LMTP alike. All of it blocks. A notice that cannot
// be written is logged and never fails a delivery.

namespace posthorn::deliver {

/// Whose mailbox it is: the account for the notice's address.
struct Holder {
  const auth::Account& account;
  const config::Snapshot& config;
};

/// Before the message is read: why one of `octets` (0: not known) would not be taken now; nothing when it
/// would. A refusal starts the grace period and may bring a notice.
Result<std::optional<Failure>> admitMail(const store::AccountHandle& account, std::uint64_t octets,
                                         const Holder& holder);

/// Takes the finished message in for good, or says in `failure` why it is not taken. The notice that this
/// makes due follows.
struct Taken {
  std::optional<Failure> failure;
  store::AppendResult appended;
};
Result<Taken> takeMail(store::MailboxHandle& mailbox, store::MessageWriter& message, const Holder& holder);

}  // namespace posthorn::deliver
