// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/embedded/account_dir.h"
#include "common/store/embedded/index.h"
#include "common/store/embedded/rows.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

/// Sets the rows of segments and blobs right by what stands in the files, after a replay that had to leave
/// commits out: Attach, Move, AddSegment and DropSegment ops may be among them. What might be referenced
/// counts as live: a file that nobody names any more then takes room, but no body goes. Changes `position`
/// and puts it; adds lost segments to the report. The caller holds the exclusive lock; a snapshot must
/// follow, because no log says any of this.
Status recount(const AccountDir& account, Txn& txn, Position& position, RepairReport& report);

}  // namespace posthorn::store::embedded
