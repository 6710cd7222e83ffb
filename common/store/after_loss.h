// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "common/store/engine/engine.h"

namespace posthorn::store {

/// What an account needs after its log has lost commits (RepairReport::commitsLost): numbers that clients
/// have seen may be given to other messages. Every mailbox gets a new UIDVALIDITY, MODSEQ leaps over all that
/// can have been told, and nobody is told of changes since before (RFC 7162's expunges before a floor, and
/// the mailbox list's). One commit for up to some thousand mailboxes; may be done again. `now`: in seconds
/// since 1970.
Status leaveLostNumbers(Domain& domain, std::uint32_t now);

}  // namespace posthorn::store
