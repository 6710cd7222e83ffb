// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/embedded/account_dir.h"
#include "common/store/embedded/group.h"

namespace posthorn::store::embedded {

/// All segments of an account, opened and sorted: what a rebuild starts from.
struct LogFiles {
  std::vector<SegmentPtr> mains;      ///< by lsn
  std::vector<SegmentPtr> snapshots;  ///< the newest first
  std::vector<std::string> damage;    ///< files that have no valid header
};
Result<LogFiles> openLog(const AccountDir& account);

/// The first valid record header in [from, end) of the segment, or `end`: what goes on behind damage.
Result<std::uint64_t> findRecord(const SegmentFile& segment, std::uint64_t from, std::uint64_t end);

/// Calls `row` for each record of the segment up to `end`, also for those behind damage.
Status walkRecords(const SegmentFile& segment, std::uint64_t end,
                   const std::function<Status(std::uint64_t offset, const RecordHeader&)>& row);

/// A group and where it stands.
struct FoundGroup {
  SegmentPtr segment;
  Group group;
  bool gap = false;  ///< groups before it could not be read
};

/// Walks the groups of the log in order. With `resync` it looks for the next readable group behind damage.
class LogWalk {
 public:
  /// Starts behind `position` (of a snapshot, or a fresh one).
  LogWalk(const std::vector<SegmentPtr>& mains, const Position& position);
  /// The group that continues the chain; nothing where it breaks or ends.
  Result<std::optional<FoundGroup>> next();
  /// After next() found nothing: the next batch of a higher lsn, searched byte by byte. Its blobs may be
  /// damaged.
  Result<std::optional<FoundGroup>> resync();
  /// Goes on behind this group.
  void moveBehind(const FoundGroup& found);
  [[nodiscard]] ChainEnd end() const { return end_; }

 private:
  Result<std::optional<FoundGroup>> searchIn(std::size_t main, std::uint64_t from);

  const std::vector<SegmentPtr>& mains_;
  std::size_t main_ = 0;
  std::uint64_t offset_ = kFirstRecord;
  ChainEnd end_;
};

}  // namespace posthorn::store::embedded
