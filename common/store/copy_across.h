// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/mailbox.h"

namespace posthorn::store {

/// MailboxHandle::copy() and move() into another account: the texts are copied. What is taken out of the
/// source with `takes` is durable in the target before.
Result<CopyResult> copyAcross(const MailboxHandle& source, const MailboxHandle& target, const UidSet& uids,
                              bool takes, QuotaPolicy policy);

}  // namespace posthorn::store
