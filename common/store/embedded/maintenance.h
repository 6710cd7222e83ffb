// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/store/embedded/blob_writer.h"
#include "common/store/embedded/domain.h"
#include "common/store/embedded/ledger.h"

namespace posthorn::store::embedded {

/// One run of an account's housekeeping: reader slots of dead processes, files that belong to nobody, and
/// compaction. One process at a time; a second one returns at once. Copies outside of the write lock and
/// commits in small steps, each of which leaves the account whole.
///
/// Compaction takes segments of which more than 40 % is dead. Before a Main segment can go, a Snapshot of all
/// rows must be in the log, because its batches go with it; the log alone thus suffices at any moment. Its
/// live blobs are copied to a Pack, and a row for each says where it is now, so that references above the
/// engine stay as they are.
class Maintenance {
 public:
  Maintenance(EmbeddedDomain& domain, std::uint64_t budgetMicros);
  Status run();
  /// Makes a Snapshot of all rows what replay starts from, whatever the log before it has lost. The caller
  /// holds the account's exclusive lock.
  Status rebase() { return takeSnapshot(); }

 private:
  Status collectOrphans();
  Status collect(const std::vector<std::uint32_t>& numbers);
  Result<UniqueFd> claimOrphan(Draft& draft, std::uint32_t number);
  Status compact();
  Result<std::vector<ListedSegment>> victims(Position& position);
  Status sealActive(const std::vector<ListedSegment>& list, const Position& position);
  Status takeSnapshot();
  Status compactSegment(const ListedSegment& victim);
  struct Moved {
    BlobRef blob;  ///< as its reference names it
    Place from;
    Place to;
  };
  /// What a compaction has copied; without a segment when nothing was live.
  struct Copies {
    std::optional<StagedSegment> pack;
    std::uint64_t end = kFirstRecord;
    std::vector<Moved> moved;
  };
  Result<Copies> copyLive(const SegmentFile& victim, std::uint64_t size);
  Status copyRecord(const SegmentFile& victim, std::uint64_t offset, const RecordHeader& record,
                    Copies& copies);
  Status commitMoves(const Copies& copies);
  Status dropSegment(std::uint32_t number, const std::vector<Moved>& moved);
  void unlinkSegment(std::uint32_t number);
  [[nodiscard]] bool outOfTime() const;

  EmbeddedDomain& domain_;
  const std::chrono::steady_clock::time_point deadline_;
};

}  // namespace posthorn::store::embedded
