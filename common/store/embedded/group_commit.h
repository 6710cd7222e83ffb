// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/store/embedded/account_dir.h"
#include "common/store/embedded/batch.h"
#include "common/store/embedded/commit_queue.h"
#include "common/store/embedded/index.h"

namespace posthorn::store::embedded {

/// What one commit needs of its domain.
struct CommitTarget {
  const AccountDir& account;
  Index& index;
  std::uint64_t domain = 0;  ///< names its segments in the SegmentCache
  /// The disk has failed: no more commits in this process.
  std::function<void(const Error&)> fail;
};

/// One engine commit, in this order: take LMDB's write lock; take over the tail of a killed writer; run the
/// commit functions; write blobs and batch to the log with one pwritev; fdatasync; commit LMDB, flushed. So
/// the index is never ahead of the log, and a kill at any point leaves either nothing or a whole group that
/// the next writer takes over. One thread at a time for a domain (CommitQueue).
class GroupCommit {
 public:
  explicit GroupCommit(CommitTarget target) : target_(std::move(target)) {}

  /// Runs the first of `requests`, as many as fit into one group, and says how many got their outcome.
  std::size_t run(const std::vector<CommitRequest*>& requests);

  /// A commit of the engine's own ops (maintain). Returns the version.
  Result<std::uint64_t> runOps(const std::function<Status(Draft&)>& ops);

 private:
  struct Attempt;
  enum class Ran { All, Restart };
  Status begin(Attempt& attempt);
  Status takeOverTail(Attempt& attempt);
  Status chooseSegment(Attempt& attempt);
  Result<SegmentPtr> newSegment(const Position& position);
  Ran runWork(Attempt& attempt, const std::vector<CommitRequest*>& requests, std::vector<bool>& failed,
              std::size_t& count);
  Status finish(Attempt& attempt, std::uint64_t version);
  Status publish(Attempt& attempt, View body, const Committed& group);
  Status writeGroup(Attempt& attempt, View body, const RecordHeader& batch);
  Status commitIndex(Attempt& attempt, const Committed& group);
  Status settle(Attempt& attempt, const Committed& group, const Error& failure);
  void takeBack(Attempt& attempt, const Error& failure);
  void leaveOpen(Attempt& attempt, const Error& failure);
  Status scrub(const Attempt& attempt);

  CommitTarget target_;
};

}  // namespace posthorn::store::embedded
