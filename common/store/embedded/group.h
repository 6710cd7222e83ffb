// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/store/embedded/ledger.h"
#include "common/store/embedded/ops.h"
#include "common/store/embedded/segment.h"

namespace posthorn::store::embedded {

struct BlobRecord {
  std::uint64_t offset = 0;
  RecordHeader header;
};

/// One commit as it stands in a Main segment: its blobs, then its batch.
struct Group {
  std::uint64_t batchOffset = 0;
  std::uint64_t end = 0;
  RecordHeader batch;
  BatchHeader header;
  Bytes body;
  std::vector<BlobRecord> blobs;  ///< their bodies are not checked yet
};

/// What a group must continue.
struct ChainEnd {
  std::uint64_t lsn = 0;
  std::uint64_t nonce = 0;
};

/// The group at `offset` that continues `after`; nothing when there is none or it is not whole.
Result<std::optional<Group>> readGroup(const SegmentFile& segment, std::uint64_t offset, ChainEnd after);

/// The worst of the bodies of the group's blobs.
Result<BodyState> checkBodies(const SegmentFile& segment, const Group& group);

/// Repeats the group on the rows.
Status applyGroup(Txn& txn, Position& position, const SegmentFile& segment, const Group& group);

/// The Main segment that a writer has begun behind `after`, if there is one: it may hold a group, or none
/// yet.
Result<SegmentPtr> findSuccessor(int logDir, ChainEnd after);

}  // namespace posthorn::store::embedded
