// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "common/base/locked.h"
#include "common/store/memory/table.h"

namespace posthorn::store::memory {

/// A staged blob: bytes in memory.
class Writer final : public BlobWriter {
 public:
  Status write(View part) override;
  Status seal() override;
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] bool sealed() const { return sealed_; }
  [[nodiscard]] bool spent() const { return spent_; }
  void spend() { spent_ = true; }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  bool sealed_ = false;
  bool spent_ = false;
};

/// One account in memory. Commits are serialised by a mutex; snapshots share the state and copy it on the
/// next write.
class MemoryDomain final : public Domain {
 public:
  Result<std::unique_ptr<Snapshot>> snapshot() override;
  Result<std::uint64_t> commit(Sync sync, const std::function<Status(Batch&)>& work) override;
  Result<std::unique_ptr<BlobWriter>> blob(std::uint64_t sizeHint) override;
  Result<BlobSlice> read(const BlobRef& blob, std::uint64_t at, std::uint64_t length) override;
  Status verify(const BlobRef& blob) override;
  Status maintain(std::uint64_t budgetMicros) override;
  Result<DomainInfo> info() override;

  /// From now on every call answers NotFound: the account was removed.
  void markRemoved();

 private:
  friend class MemoryBatch;
  struct Stored {
    State* unshared();  ///< for writing: copied first when a snapshot shares it
    std::shared_ptr<State> state = std::make_shared<State>();
    std::map<BlobRef, std::shared_ptr<Blob>> blobs;
    std::uint64_t nextOffset = 0;
    bool removed = false;
  };
  Result<std::shared_ptr<Blob>> find(const BlobRef& blob);

  std::mutex writer_;      // one commit at a time
  Locked<Stored> stored_;  // never held while a commit function runs
};

}  // namespace posthorn::store::memory
