// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/base/result.h"
#include "common/store/embedded/index.h"
#include "common/store/embedded/ops.h"
#include "common/store/embedded/rows.h"

namespace posthorn::store::embedded {

/// Where a group's Batch record lies and what it brought.
struct Committed {
  std::uint32_t segment = 0;
  std::uint64_t batch = 0;  ///< offset of its Batch record
  std::uint64_t end = 0;    ///< of the group
  std::uint64_t lsn = 0;
  std::uint64_t nonce = 0;
  std::uint64_t version = 0;
};

/// What an op means for the rows. The commit that is made and the commit that is replayed run through the
/// same functions, so both leave the same rows. Lives as long as its write transaction.
class Ledger {
 public:
  Ledger(Txn& txn, Position& position) : txn_(txn), position_(position) {}

  /// Any op, as replay does it.
  Status apply(const Op& op);
  /// An op on blobs and segments, as a commit in the making does it; user rows it has changed itself.
  Status note(const Op& op);
  /// After the last op of a group: the index now shows this commit.
  Status advance(const Committed& group);

 private:
  Result<SegmentRow> segmentRow(std::uint32_t number);
  Status setSegmentRow(std::uint32_t number, const SegmentRow& row);
  Status addLive(std::uint32_t segment, std::uint64_t bytes);
  Status kill(Place place, std::uint64_t length);
  Status attach(const BlobRef& blob);
  Status release(const BlobRef& blob);
  Status addSegment(const Op& op);
  Status move(const Op& op);
  Status dropSegment(std::uint32_t number);

  Txn& txn_;
  Position& position_;
};

/// Where the blob lies now: its own place, or the one that compaction gave it.
Result<Place> currentPlace(Txn& txn, Place first);
inline Result<Place> currentPlace(Txn& txn, const BlobRef& blob) {
  return currentPlace(txn, Place{blob.segment, blob.offset});
}
Result<Position> readPosition(Txn& txn);
Result<bool> isDead(Txn& txn, Place place);
/// Where the blob of a Msg record lay first: what references to it name.
Place firstPlace(const SegmentHeader& segment, std::uint64_t offset, const RecordHeader& record);
/// Whether the Msg record at `offset` is what references find: not released, and no copy that a compaction
/// made and never finished.
Result<bool> isLive(Txn& txn, const SegmentHeader& segment, std::uint64_t offset, const RecordHeader& record);

struct ListedSegment {
  std::uint32_t number = 0;
  SegmentRow row;
};
/// All segments that belong to the account, by number.
Result<std::vector<ListedSegment>> listSegments(Txn& txn);

}  // namespace posthorn::store::embedded
