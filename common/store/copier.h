// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/store/edit.h"
#include "common/store/hash_index.h"
#include "common/store/mailbox.h"
#include "common/store/ops.h"
#include "common/store/reader.h"

namespace posthorn::store {

/// Copies or moves messages of one mailbox into another of the same account, within one commit. Both
/// mailboxes bear the commit's MODSEQ already. What it takes out of the source has no tombstone yet.
class Copier {
 public:
  enum class Mode : std::uint8_t { Copy, Move };
  struct Terms {
    Mode mode = Mode::Copy;
    std::int64_t now = 0;            ///< save date
    const Reader* reader = nullptr;  ///< whose copies they are; null: the owner's
  };
  Copier(Edit& edit, const OpenBox& source, const OpenBox& target, const Terms& terms)
      : edit_(edit),
        source_(source),
        target_(target),
        mode_(terms.mode),
        now_(terms.now),
        reader_(terms.reader),
        mapper_(edit, target.number) {}

  /// Adds to source and target of `result`. Limit: keywords of the target.
  Status one(Uid uid, CopyResult& result);

  /// Of what was moved.
  [[nodiscard]] const std::vector<Tombstone>& tombstones() const { return tombstones_; }

 private:
  Result<bool> becomeReaders(HotBlock::Entry& hot, Uid uid);
  Result<std::uint64_t> keywordsIn(std::uint64_t bits);
  Status share(Edit::Slot<ColdBlock>* slot, Uid uid, ColdEntry& cold);
  Result<bool> hasCopy(const Id128& emailId, std::uint64_t except);
  Status put(Uid uid, const HotBlock::Entry& hot, ColdEntry cold, CopyResult& result);
  Status putInIndex(const HashLists& lists, IndexState& state, std::uint64_t id, std::uint64_t before,
                    std::uint64_t after);

  Edit& edit_;
  const OpenBox& source_;
  const OpenBox& target_;
  Mode mode_;
  std::int64_t now_;
  const Reader* reader_;
  KeywordMapper mapper_;
  std::vector<Tombstone> tombstones_;
};

}  // namespace posthorn::store
