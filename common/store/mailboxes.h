// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/types.h"

namespace posthorn::store {

/// Makes the account's first records when it has none: INBOX and the default folders, in one commit.
Status bootstrap(const AccountHandle& account);

enum class Removal : std::uint8_t {
  Whole,
  Empty,  ///< not while there is a message without \Deleted in it
};
/// AccountHandle::remove(). Conflict: the mailbox is not as `removal` asks.
Status removeMailbox(const AccountHandle& account, View name, Removal removal);

}  // namespace posthorn::store
