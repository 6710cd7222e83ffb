// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/account.h"

namespace posthorn::store {

/// Sets what the account's quota counts to the sum of its mailboxes. True when it was something else. A
/// mailbox whose record cannot be read leaves all as it is: check() names it.
Result<bool> recountUse(const AccountHandle& account);

}  // namespace posthorn::store
