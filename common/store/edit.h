// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/blocks.h"
#include "common/store/engine/engine.h"
#include "common/store/gone.h"
#include "common/store/records.h"
#include "common/store/schema.h"
#include "common/store/trail.h"

namespace posthorn::store {

/// The records that one commit works on: each is read and decoded once, changed in place, and written once by
/// flush(), however many messages the commit touches. Lives inside one commit function.
class Edit {
 public:
  /// A record and whether it must be written. Pointers to it stay valid as long as the Edit.
  template <typename Record>
  struct Slot {
    Record value;
    bool stored = false;  ///< the batch has it
    bool dirty = false;
    bool gone = false;  ///< flush() erases it
  };

  explicit Edit(Batch& batch) : batch_(batch) {}
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;

  [[nodiscard]] Batch& batch() { return batch_; }

  /// To be changed: it is written by flush().
  Result<UserRecord*> user();
  /// To be changed. NotFound when there is none.
  Result<MailboxRecord*> mailbox(MailboxNo mailbox);
  MailboxRecord& addMailbox(MailboxNo mailbox, const MailboxRecord& record);
  void dropMailbox(MailboxNo mailbox);

  // For reading until touch() is called; a block that is not there is empty. An empty one is erased.
  Result<Slot<HotBlock>*> hot(MailboxNo mailbox, std::uint32_t block);
  Result<Slot<ColdBlock>*> cold(MailboxNo mailbox, std::uint32_t block);
  Result<Slot<UidlBlock>*> uidls(MailboxNo mailbox, std::uint32_t block);
  Result<Slot<KeywordTable>*> keywords(MailboxNo mailbox);
  /// Any other value; empty when it is not there, and erased when it becomes empty.
  Result<Slot<Bytes>*> raw(const Bytes& key);

  template <typename Record>
  void touch(Slot<Record>* slot) {
    if (!slot->dirty) weight_ += weightOf(slot->value);
    slot->dirty = true;
  }
  /// Adds to weight() for values that grow, or that go straight into the batch.
  void weigh(std::size_t octets) { weight_ += octets; }

  /// A message left its mailbox: flush() writes it down (gone.h). `removed` is the MODSEQ at which the
  /// mailbox itself went, 0 when it is there.
  void noteGone(MailboxNo mailbox, Modseq removed, Uid uid, const Gone& gone);

  /// About what flush() will put; commits of many messages end when it passes kFullEdit.
  [[nodiscard]] std::size_t weight() const { return weight_; }
  [[nodiscard]] bool full() const;

  Status flush();

  /// What was used when the commit began. Nothing when it does not touch the user record.
  [[nodiscard]] const std::optional<QuotaUse>& usedBefore() const { return usedBefore_; }

  /// The account's MODSEQ, if this commit raised it; else 0.
  [[nodiscard]] Modseq modseq() const;
  /// The mailboxes whose HIGHESTMODSEQ rises, and the hot blocks that were opened in each.
  [[nodiscard]] std::vector<Trail::Step> steps() const;

 private:
  template <typename Record>
  using Slots = std::map<Bytes, Slot<Record>, std::less<>>;

  template <typename Record>
  Result<Slot<Record>*> open(Slots<Record>& slots, const Bytes& key);
  template <typename Record>
  Status flush(Slots<Record>& slots);
  Status flushGone();

  static std::size_t weightOf(const HotBlock&) { return HotBlock::kMaxSize + 32; }
  static std::size_t weightOf(const ColdBlock&) { return ColdBlock::kMaxSize + 32; }
  static std::size_t weightOf(const Bytes& value) { return value.size() + 96; }
  static std::size_t weightOf(const UidlBlock&) { return 1300; }
  static std::size_t weightOf(const KeywordTable&) { return kMaxKeywords * (kMaxKeywordLength + 1); }
  static std::size_t weightOf(const MailboxRecord&) { return MailboxRecord::kSize + 32; }
  static std::size_t weightOf(const UserRecord&) { return UserRecord::kSize + 32; }

  Batch& batch_;
  std::size_t weight_ = 0;
  Slots<UserRecord> users_;
  std::optional<Modseq> modseqBefore_;
  Slots<MailboxRecord> mailboxes_;
  std::map<MailboxNo, Modseq> modseqs_;  // of mailboxes as they were opened
  std::optional<QuotaUse> usedBefore_;
  Slots<HotBlock> hot_;
  Slots<ColdBlock> cold_;
  Slots<UidlBlock> uidls_;
  Slots<KeywordTable> keywords_;
  Slots<Bytes> raw_;
  GoneRows gone_;
};

/// Where commits of many messages end that may be several: nobody waits long for one.
inline constexpr std::size_t kFullEdit = std::size_t{512} * 1024;
/// Where those end that may not: the step that passes it still fits into kMaxBatch.
inline constexpr std::size_t kFullWhole = kMaxBatch - std::size_t{2} * 1024 * 1024;

inline bool Edit::full() const {
  return weight_ > kFullEdit;
}

}  // namespace posthorn::store
