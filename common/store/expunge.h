// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/types.h"

namespace posthorn::store {

/// Gives back everything that a mailbox taken off the list still holds, in commits of bounded size, and at
/// last its record. May be called by several processes at once, and again.
Status buryMailbox(const AccountHandle& account, MailboxNo mailbox);

}  // namespace posthorn::store
