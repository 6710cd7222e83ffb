// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/store/embedded/blob_writer.h"
#include "common/store/embedded/ledger.h"
#include "common/store/engine/engine.h"
#include "common/store/engine/limits.h"

namespace posthorn::store::embedded {

/// The group in the making: what all merged commit functions have done so far. Lives under the write lock.
struct Draft {
  Draft(const AccountDir& owner, Txn& transaction, Position& shown, std::uint32_t segmentNumber,
        std::uint64_t start)
      : account(owner),
        txn(transaction),
        position(shown),
        ledger(transaction, shown),
        segment(segmentNumber),
        end(start) {}
  const AccountDir& account;
  Txn& txn;
  Position& position;
  Ledger ledger;
  std::uint32_t segment;  ///< the Main segment that the group goes to
  std::uint64_t end;      ///< where its next record goes
  Bytes ops;
  std::uint32_t opCount = 0;
  std::vector<EmbeddedBlobWriter*> inlineBlobs;  ///< in the order of their records
  std::vector<EmbeddedBlobWriter*> packs;

  void add(const Op& op) {
    appendOp(ops, op);
    ++opCount;
  }
};

/// One commit function's view of the draft. One thread, for the time of the call.
class EmbeddedBatch final : public Batch {
 public:
  /// `version`: what the function's commit goes on top of.
  EmbeddedBatch(Draft& draft, std::uint64_t version) : draft_(draft), version_(version) {}

  [[nodiscard]] std::uint64_t version() const override { return version_; }
  Result<View> get(View key) override;
  Status scan(View from, View to, const std::function<bool(View, View)>& row) override;
  Status put(View key, View value) override;
  Status erase(View key) override;
  Status eraseRange(View from, View to) override;
  Result<BlobRef> attach(BlobWriter& staged) override;
  Status release(const BlobRef& blob) override;

 private:
  Result<BlobRef> attachPack(EmbeddedBlobWriter& writer);
  Draft& draft_;
  BatchLimits limits_;
  std::uint64_t version_;
};

/// Reads of user rows, shared with snapshots.
Result<View> getUser(Txn& txn, View key);
Status scanUser(Txn& txn, View from, View to, const std::function<bool(View, View)>& row);

}  // namespace posthorn::store::embedded
