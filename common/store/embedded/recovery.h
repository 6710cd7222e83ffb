// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the index and its log come together again: at every write lock (a killed writer's tail), at open (a
// damaged index) and on demand (rebuild).

#include <memory>

#include "common/base/result.h"
#include "common/store/embedded/account_dir.h"
#include "common/store/embedded/group.h"
#include "common/store/embedded/index.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

/// Whether whole, sound groups stand in the log behind what the index shows. One short read when there are
/// none. `names` an account's open segments (SegmentCache).
Result<bool> hasTail(const AccountDir& account, std::uint64_t domain, const Position& position);

/// Takes such a tail over: flushes its segment first, because the index must never be ahead of the log, then
/// applies it. A batch whose writer was killed before it was told "done" thereby becomes visible whole; a
/// torn one is left where it is and overwritten by the next commit. Says how many groups it took.
Result<std::size_t> replayTail(const AccountDir& account, std::uint64_t domain, Txn& txn, Position& position);

/// Whether the log holds the commit that the index shows, under the same identity.
Result<bool> logHolds(const AccountDir& account, const Position& position);

/// Opens the account's index after checking its pages and holding it against its log. A damaged or missing
/// index is rebuilt, loudly, when the exclusive lock can be had and the log's batches are sound. Corrupt: a
/// repair must say what is lost, or go on where one was interrupted. `account` holds the shared lock, and
/// does again afterwards.
Result<std::unique_ptr<Index>> openOrRepair(AccountDir& account);

}  // namespace posthorn::store::embedded
