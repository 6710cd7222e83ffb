// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/edit.h"
#include "common/store/quota_policy.h"

// What an account remembers of its quota (key Q), inside its commits.

namespace posthorn::store {

/// What a commit made of the account's quota.
enum class QuotaNews : std::uint8_t { None, Over, Under };

/// What is not there or cannot be read is empty: it is a memory, and mail must not wait for it.
Result<QuotaState> quotaStateIn(Edit& edit);
/// Writes it when it is not what is there already. True when it was written.
Result<bool> putQuotaState(Edit& edit, const QuotaState& state);

/// At the end of a commit that may have taken messages out: the clock of an account that has room again
/// stops. Over and Under only where the state changed in this commit.
Result<QuotaNews> settleQuota(const AccountHandle& account, Edit& edit);

/// Every account that goes over its quota or comes back under it is told here once, after the commit that
/// says so is durable; any thread. OverQuota and UnderQuota of the event service begin here.
void tellQuota(const AccountHandle& account, QuotaNews news);

}  // namespace posthorn::store
