// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/embedded/blob_writer.h"
#include "common/store/embedded/index.h"
#include "common/store/embedded/rows.h"
#include "common/store/embedded/segment.h"

namespace posthorn::store::embedded {

/// Writes all rows that `txn` sees into a new Snapshot segment and flushes it with its name: from then on
/// replay may start there. Not yet part of the account: SetBase must follow.
Result<StagedSegment> writeSnapshot(int logDir, Index& index, Txn& txn, const Position& position);

/// Whether the snapshot is whole.
Result<bool> snapshotIsWhole(const SegmentFile& segment);

/// Puts a whole snapshot's rows into an empty index.
Status loadSnapshot(const SegmentFile& segment, Txn& txn);

/// What a whole snapshot takes on disk.
Result<std::uint64_t> snapshotSize(const SegmentFile& segment);

}  // namespace posthorn::store::embedded
