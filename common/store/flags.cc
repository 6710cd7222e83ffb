// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "common/store/mailbox.h"
#include "common/store/news.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

/// One commit's share of a STORE.
struct Step {
  FlagResult result;
  FlagNews news;
  MailboxRecord after;
  std::uint32_t next = 0;
  bool more = false;
};

// A commit changes so many blocks at most: 16,384 messages.
constexpr std::size_t kBlocksPerStep = 256;

HotBlock::Entry changedEntry(HotBlock::Entry entry, const FlagChange& change, std::uint64_t keywords) {
  const auto flags = static_cast<SystemFlags>(change.flags & kAllFlags);
  switch (change.mode) {
    case FlagChange::Mode::Add:
      entry.flags = static_cast<SystemFlags>(entry.flags | flags);
      entry.keywords |= keywords;
      break;
    case FlagChange::Mode::Remove:
      entry.flags = static_cast<SystemFlags>(entry.flags & ~flags);
      entry.keywords &= ~keywords;
      break;
    case FlagChange::Mode::Replace:
      entry.flags = flags;
      entry.keywords = keywords;
      break;
  }
  return entry;
}

/// The flags of 64 UIDs.
class BlockStore {
 public:
  BlockStore(Edit& edit, const OpenBox& box, const FlagChange& change, std::uint64_t keywords, Step& step,
             bool wanted)
      : edit_(edit), box_(box), change_(change), keywords_(keywords), step_(step), wanted_(wanted) {}

  Status run(std::uint32_t number, std::uint64_t wanted) {
    PH_TRY(auto* slot, edit_.hot(box_.number, number));
    for (std::uint64_t left = wanted & slot->value.present; left != 0; left &= left - 1)
      one(slot, number, static_cast<unsigned>(std::countr_zero(left)));
    return {};
  }

 private:
  void one(Edit::Slot<HotBlock>* slot, std::uint32_t number, unsigned at) {
    const Uid uid = (number << kHotShift) + at;
    const HotBlock::Entry before = slot->value.entries.at(at);
    if (change_.unchangedSince && before.modseq > *change_.unchangedSince) {
      step_.result.modified.push_back(uid);
      return;
    }
    step_.result.matched.push_back(uid);
    HotBlock::Entry after = changedEntry(before, change_, keywords_);
    if (after == before) return;
    if (step_.result.changed.empty()) stamp(box_);
    after.modseq = box_.record->highestModseq;
    edit_.touch(slot);
    slot->value.set(at, after);
    count(before.flags, after.flags);
    if (wanted_) note(uid, before, after);
    step_.result.changed.push_back(uid);
    if (change_.known && before.modseq > *change_.known) step_.result.unseen.push_back(uid);
  }

  void note(Uid uid, const HotBlock::Entry& before, const HotBlock::Entry& after) {
    const auto changed = static_cast<SystemFlags>(before.flags ^ after.flags);
    const bool seen = (changed & kSeen) != 0;
    const bool deleted = (changed & kDeleted) != 0;
    FlagNews& news = step_.news;
    if (seen) ((after.flags & kSeen) != 0 ? news.read : news.unread).push_back(uid);
    if (deleted) ((after.flags & kDeleted) != 0 ? news.trashed : news.restored).push_back(uid);
    if ((changed & ~(kSeen | kDeleted)) != 0 || before.keywords != after.keywords) news.other.push_back(uid);
  }

  void count(SystemFlags before, SystemFlags after) {
    const SystemFlags gained = static_cast<SystemFlags>(after & ~before);
    const SystemFlags lost = static_cast<SystemFlags>(before & ~after);
    if ((gained & kSeen) != 0) --box_.record->unseen;
    if ((lost & kSeen) != 0) ++box_.record->unseen;
    if ((gained & kDeleted) != 0) ++box_.record->deleted;
    if ((lost & kDeleted) != 0) --box_.record->deleted;
  }

  Edit& edit_;
  const OpenBox& box_;
  const FlagChange& change_;
  std::uint64_t keywords_;
  Step& step_;
  bool wanted_;
};

Status storeStep(Edit& edit, const MailboxHandle& handle, const UidSet& uids, const FlagChange& change,
                 std::uint32_t from, Step& step) {
  step = Step{};
  PH_TRY(const OpenBox box, openBox(edit, handle));
  PH_TRY(const auto blocks, blocksOf(edit.batch(), handle.number(), uids, from, kBlocksPerStep));
  KeywordMapper mapper(edit, handle.number());
  std::uint64_t keywords = 0;
  if (!blocks.empty()) {
    PH_TRY(keywords, change.mode == FlagChange::Mode::Remove ? mapper.knownBits(change.keywords)
                                                             : mapper.bits(change.keywords));
  }
  BlockStore store(edit, box, change, keywords, step, newsWanted(handle.account(), kFlagNews));
  for (const auto block : blocks) PH_CHECK(store.run(block, uids.bitsOfBlock(block)));
  step.more = blocks.size() == kBlocksPerStep;
  if (step.more) step.next = blocks.back() + 1;
  step.result.modseq = box.record->highestModseq;
  step.after = *box.record;
  return step.result.changed.empty() ? Status(nothingToDo()) : Status();
}

void extend(std::vector<Uid>& all, const std::vector<Uid>& some) {
  all.insert(all.end(), some.begin(), some.end());
}

}  // namespace

Result<FlagResult> MailboxHandle::storeFlags(const UidSet& uids, const FlagChange& change) {
  FlagResult total;
  std::uint32_t from = 0;
  Step step;
  do {
    const auto done = commitSome(account_, account_.options().flagSync, [&](Edit& edit) {
      return storeStep(edit, *this, uids, change, from, step);
    });
    if (!done.ok()) return done.error();
    tellFlags(*this, change, step.news, step.after);
    extend(total.matched, step.result.matched);
    extend(total.changed, step.result.changed);
    extend(total.unseen, step.result.unseen);
    extend(total.modified, step.result.modified);
    if (!step.result.changed.empty()) total.stamps.push_back(step.result.modseq);
    total.modseq = step.result.modseq;
    from = step.next;
  } while (step.more);
  return total;
}

}  // namespace posthorn::store
