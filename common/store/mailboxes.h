// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/types.h"

namespace posthorn::store {

/// Makes the account's first records when it has none: INBOX and the default folders, in one commit.
Status bootstrap(const AccountHandle& account);

}  // namespace posthorn::store
