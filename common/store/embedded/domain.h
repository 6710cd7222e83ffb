// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "common/base/locked.h"
#include "common/store/embedded/account_dir.h"
#include "common/store/embedded/commit_queue.h"
#include "common/store/embedded/group_commit.h"
#include "common/store/embedded/recovery.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

/// One open account. Made by OpenAccounts only, which sees to it that a process has it open once.
class EmbeddedDomain final : public Domain, public std::enable_shared_from_this<EmbeddedDomain> {
 public:
  /// Opens the directory and its index; a damaged or missing index is rebuilt from the log first, when no
  /// other process has the account open. Takes over what a killed writer left. Conflict when the path leads
  /// to another directory than `identity` by now.
  static Result<std::unique_ptr<EmbeddedDomain>> open(const std::string& path,
                                                      const AccountDir::Identity& identity);
  /// For a repair: an account that nobody else can have open, with its exclusive lock and its index.
  static std::shared_ptr<EmbeddedDomain> adopt(AccountDir account, std::unique_ptr<Index> index);
  ~EmbeddedDomain() override;

  Result<std::unique_ptr<Snapshot>> snapshot() override;
  Result<std::uint64_t> commit(Sync sync, const std::function<Status(Batch&)>& work) override;
  Result<std::unique_ptr<BlobWriter>> blob(std::uint64_t sizeHint) override;
  Result<BlobSlice> read(const BlobRef& blob, std::uint64_t at, std::uint64_t length) override;
  Status verify(const BlobRef& blob) override;
  Status maintain(std::uint64_t budgetMicros) override;
  Result<DomainInfo> info() override;

  /// True when a fresh open would do better: the account was removed, or its disk has failed here.
  bool stale();
  /// Tells every process that has the account open that it is gone. Without it they find out when its
  /// directory is.
  Status markRemoved();
  /// Ends the repair of an adopted account: replay starts from what its index shows now, and the loss mark
  /// goes.
  Status rebase();

 private:
  friend class Maintenance;
  EmbeddedDomain(AccountDir account, std::unique_ptr<Index> index);
  struct Located {
    SegmentPtr segment;
    std::uint64_t offset = 0;
  };
  Result<Located> locate(const BlobRef& blob);
  Result<std::optional<Located>> lookAt(const BlobRef& blob, Place place);
  Status checkUsable();
  void fail(const Error& error);

  const std::uint64_t id_;  ///< names the account in the SegmentCache
  AccountDir account_;
  std::unique_ptr<Index> index_;
  GroupCommit groupCommit_;
  CommitQueue queue_;
  Locked<std::optional<Error>> failure_;
};

}  // namespace posthorn::store::embedded
