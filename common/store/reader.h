// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/store/blocks.h"
#include "common/store/edit.h"
#include "common/store/engine/engine.h"
#include "common/store/rights.h"
#include "common/store/types.h"

// Who comes to another user's mailbox has a \Seen of his own there (`V`), beside the owner's, which he
// neither sees nor changes. A message bears the later of two MODSEQs for him: its own, and that of his \Seen.

namespace posthorn::store {

/// Somebody who is not the owner, and what he may do. MailboxHandle::as() makes a handle of his.
struct Reader {
  std::string id;
  Rights rights = 0;  ///< decide which flags his changes and his messages keep

  /// The system flags that he may set and clear (RFC 4314 4).
  [[nodiscard]] SystemFlags flags() const;
  [[nodiscard]] bool mayUseKeywords() const { return (rights & kMayWrite) != 0; }
};

/// `V`: the \Seen of one reader in 64 UIDs. UIDs that he never marked have no MODSEQ.
struct SeenBlock {
  Modseq maxModseq = 0;
  std::uint64_t seen = 0;
  std::array<Modseq, kHotUids> modseqs{};

  /// Marks or unmarks one at a new MODSEQ.
  void set(unsigned index, bool isSeen, Modseq modseq);
  [[nodiscard]] Bytes encode() const;
  static Result<SeenBlock> decode(View value);
  bool operator==(const SeenBlock&) const = default;
};

/// The \Seen of one reader in one mailbox, of one snapshot, which must outlive it. Without a reader it is the
/// owner's: nothing is read, and every call is one comparison.
class ReaderSeen {
 public:
  ReaderSeen(Snapshot& from, MailboxNo mailbox, const Reader* reader);

  /// Puts the reader's \Seen and MODSEQs into a block that was read, in place of the owner's.
  Status apply(std::uint32_t number, HotBlock& block);
  /// The same of a block's header alone.
  Result<std::uint64_t> seen(std::uint32_t number, std::uint64_t owners);
  Result<Modseq> maxModseq(std::uint32_t number, Modseq owners);

 private:
  Status load(std::uint32_t number);

  Snapshot& from_;
  MailboxNo mailbox_;
  std::optional<std::uint64_t> key_;
  std::optional<std::uint32_t> loaded_;
  std::optional<SeenBlock> block_;  // of loaded_; nothing when he has marked none there
};

/// How many of a mailbox's messages the reader has not seen. Reads every hot block.
Result<std::uint32_t> unseenBy(Snapshot& from, MailboxNo mailbox, const Reader& reader);

/// A reader's block inside a commit.
class SeenEdit {
 public:
  SeenEdit(Edit& edit, MailboxNo mailbox, const Reader& reader);
  Result<SeenBlock> read(std::uint32_t block);
  Status write(std::uint32_t block, const SeenBlock& value);
  /// Marks one message.
  Status mark(Uid uid, Modseq modseq);

 private:
  Edit& edit_;
  MailboxNo mailbox_;
  std::uint64_t key_;
};

/// Drops what all readers have of a block without messages, or (nothing) of the whole mailbox.
Status dropSeen(Batch& batch, MailboxNo mailbox, std::optional<std::uint32_t> block);

}  // namespace posthorn::store
