// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "common/store/mailbox.h"
#include "common/store/news.h"
#include "common/store/ops.h"
#include "common/store/reader.h"

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

/// What a change may touch.
struct Scope {
  SystemFlags flags = kAllFlags;
  bool keywords = true;
};
Scope scopeOf(const Reader* reader) {
  return reader == nullptr ? Scope{} : Scope{reader->flags(), reader->mayUseKeywords()};
}

HotBlock::Entry changedEntry(HotBlock::Entry entry, const FlagChange& change, std::uint64_t keywords,
                             const Scope& scope) {
  const auto flags = static_cast<SystemFlags>(change.flags & scope.flags);
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
      entry.flags = static_cast<SystemFlags>((entry.flags & ~scope.flags) | flags);
      if (scope.keywords) entry.keywords = keywords;
      break;
  }
  return entry;
}

/// The flags of 64 UIDs.
class BlockStore {
 public:
  BlockStore(Edit& edit, const OpenBox& box, const FlagChange& change, std::uint64_t keywords, Step& step,
             const MailboxHandle& handle)
      : edit_(edit),
        box_(box),
        change_(change),
        keywords_(keywords),
        step_(step),
        scope_(scopeOf(handle.reader())),
        wanted_(newsWanted(handle.account(), kFlagNews)) {
    if (handle.reader() != nullptr) seen_.emplace(edit, box.number, *handle.reader());
  }

  Status run(std::uint32_t number, std::uint64_t wanted) {
    PH_TRY(auto* slot, edit_.hot(box_.number, number));
    SeenBlock before;
    if (seen_) {
      PH_TRY(before, seen_->read(number));
    }
    his_ = before;
    for (std::uint64_t left = wanted & slot->value.present; left != 0; left &= left - 1)
      one(slot, number, static_cast<unsigned>(std::countr_zero(left)));
    PH_CHECK(noteHidden(number));
    return his_ == before ? Status() : seen_->write(number, his_);
  }

 private:
  /// The message as the one who changes it sees it.
  [[nodiscard]] HotBlock::Entry seenBy(HotBlock::Entry entry, unsigned at) const {
    if (!seen_) return entry;
    entry.flags = static_cast<SystemFlags>(entry.flags & ~kSeen);
    if ((his_.seen >> at & 1U) != 0) entry.flags = static_cast<SystemFlags>(entry.flags | kSeen);
    entry.modseq = std::max(entry.modseq, his_.modseqs.at(at));
    return entry;
  }

  void put(Edit::Slot<HotBlock>* slot, unsigned at, const HotBlock::Entry& before, HotBlock::Entry after) {
    const HotBlock::Entry& kept = slot->value.entries.at(at);
    if (seen_) {
      if (((before.flags ^ after.flags) & kSeen) != 0) his_.set(at, (after.flags & kSeen) != 0, after.modseq);
      after.flags = static_cast<SystemFlags>((after.flags & ~kSeen) | (kept.flags & kSeen));
      if (after.flags == kept.flags && after.keywords == kept.keywords) return;
    }
    if ((kept.flags & kDeleted) != 0) hidden_.emplace_back(at, kept.modseq);
    count(kept.flags, after.flags);
    edit_.touch(slot);
    slot->value.set(at, after);
  }

  /// JMAP does not see what bears \Deleted. When that is changed its MODSEQ says no longer since when: it is
  /// written down, as if the message had left the mailbox and come anew (gone.h).
  Status noteHidden(std::uint32_t number) {
    for (const auto& [at, left] : std::exchange(hidden_, {})) {
      const Uid uid = (number << kHotShift) + at;
      PH_TRY(auto* cold, edit_.cold(box_.number, uid >> kColdShift));
      if (!cold->value.has(uid % kColdUids)) continue;  // check() tells of it
      MessageFacts& facts = cold->value.entries.at(uid % kColdUids).facts;
      edit_.noteGone(box_.number, 0, uid, {facts.emailId, facts.threadId, facts.createdModseq, left});
      edit_.touch(cold);
      facts.createdModseq = box_.record->highestModseq;
    }
    return {};
  }

  void one(Edit::Slot<HotBlock>* slot, std::uint32_t number, unsigned at) {
    const Uid uid = (number << kHotShift) + at;
    const HotBlock::Entry before = seenBy(slot->value.entries.at(at), at);
    if (change_.unchangedSince && before.modseq > *change_.unchangedSince) {
      step_.result.modified.push_back(uid);
      return;
    }
    step_.result.matched.push_back(uid);
    HotBlock::Entry after = changedEntry(before, change_, keywords_, scope_);
    if (after == before) return;
    if (step_.result.changed.empty()) stamp(box_);
    after.modseq = box_.record->highestModseq;
    put(slot, at, before, after);
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
  Scope scope_;
  bool wanted_;
  std::optional<SeenEdit> seen_;                     // a reader's change
  SeenBlock his_;                                    // of the block at work
  std::vector<std::pair<unsigned, Modseq>> hidden_;  // of the block at work
};

Status storeStep(Edit& edit, const MailboxHandle& handle, const UidSet& uids, const FlagChange& change,
                 std::uint32_t from, Step& step) {
  step = Step{};
  PH_TRY(const OpenBox box, openBox(edit, handle));
  PH_TRY(const auto blocks, blocksOf(edit.batch(), handle.number(), uids, from, kBlocksPerStep));
  KeywordMapper mapper(edit, handle.number());
  std::uint64_t keywords = 0;
  if (!blocks.empty() && scopeOf(handle.reader()).keywords) {
    PH_TRY(keywords, change.mode == FlagChange::Mode::Remove ? mapper.knownBits(change.keywords)
                                                             : mapper.bits(change.keywords));
  }
  BlockStore store(edit, box, change, keywords, step, handle);
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
