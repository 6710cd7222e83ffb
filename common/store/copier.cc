// SPDX-License-Identifier: Apache-2.0
#include "common/store/copier.h"

#include <algorithm>

namespace posthorn::store {

Status Copier::one(Uid uid, CopyResult& result) {
  PH_TRY(const auto* hotSlot, edit_.hot(source_.number, uid >> kHotShift));
  PH_TRY(auto* coldSlot, edit_.cold(source_.number, uid >> kColdShift));
  if (!coldSlot->value.has(uid % kColdUids))
    return makeError(Errc::Corrupt, "store: a message has flags but no facts");
  HotBlock::Entry hot = hotSlot->value.entries.at(uid % kHotUids);
  ColdEntry cold = coldSlot->value.entries.at(uid % kColdUids);
  hot.modseq = target_.record->highestModseq;
  PH_TRY(const bool seen, becomeReaders(hot, uid));
  PH_TRY(hot.keywords, keywordsIn(hot.keywords));
  if (mode_ == Mode::Copy) PH_CHECK(share(coldSlot, uid, cold));
  if (mode_ == Mode::Move) PH_CHECK(takeMessage(edit_, source_, uid));
  PH_CHECK(put(uid, hot, cold, result));
  if (seen) PH_CHECK(SeenEdit(edit_, target_.number, *reader_).mark(result.target.back(), hot.modseq));
  if (mode_ == Mode::Move) tombstones_.push_back({uid, cold.facts.emailId, 0});
  edit_.weigh(48);
  return {};
}

/// Leaves the flags that a reader may set in the target; whether it is \Seen for him there.
Result<bool> Copier::becomeReaders(HotBlock::Entry& hot, Uid uid) {
  if (reader_ == nullptr) return false;
  PH_TRY(const SeenBlock his, SeenEdit(edit_, source_.number, *reader_).read(uid >> kHotShift));
  hot.flags = static_cast<SystemFlags>(hot.flags & reader_->flags() & ~kSeen);
  if (!reader_->mayUseKeywords()) hot.keywords = 0;
  return (his.seen >> (uid % kHotUids) & 1U) != 0 && (reader_->flags() & kSeen) != 0;
}

Result<std::uint64_t> Copier::keywordsIn(std::uint64_t bits) {
  if (bits == 0 || source_.number == target_.number) return bits;
  PH_TRY(const auto* table, edit_.keywords(source_.number));
  return mapper_.translate(bits, table->value);
}

/// Counts one more reference to the body.
Status Copier::share(Edit::Slot<ColdBlock>* slot, Uid uid, ColdEntry& cold) {
  PH_TRY(auto* references, edit_.raw(key::references(cold.facts.emailId)));
  std::uint32_t count = 1;
  if (!references->value.empty()) {
    PH_TRY(count, decodeNumber(references->value));
  }
  edit_.touch(references);
  references->value = encodeNumber(count + 1);
  if (!cold.shared) {
    edit_.touch(slot);
    slot->value.entries.at(uid % kColdUids).shared = true;
    cold.shared = true;
  }
  return {};
}

/// Whether the target has the message already, apart from the one that moves.
Result<bool> Copier::hasCopy(const Id128& emailId, std::uint64_t except) {
  PH_TRY(const auto places, kEmailIds.all(edit_, target_.user->emailIds, indexKey(emailId)));
  return std::any_of(places.begin(), places.end(), [&](std::uint64_t place) {
    return place != except && mailboxOf(place) == target_.number;
  });
}

Status Copier::put(Uid uid, const HotBlock::Entry& hot, ColdEntry cold, CopyResult& result) {
  const std::uint64_t before = packPlace(source_.number, uid);
  PH_TRY(cold.secondCopy, hasCopy(cold.facts.emailId, mode_ == Mode::Move ? before : 0));
  cold.importedUidl = false;
  cold.facts.saveDate = now_;
  cold.facts.createdModseq = hot.modseq;
  PH_TRY(const Uid made, addMessage(edit_, target_, hot, cold));
  const std::uint64_t after = packPlace(target_.number, made);
  PH_CHECK(putInIndex(kEmailIds, target_.user->emailIds, indexKey(cold.facts.emailId), before, after));
  PH_CHECK(putInIndex(kThreads, target_.user->threads, cold.facts.threadId, before, after));
  result.source.push_back(uid);
  result.target.push_back(made);
  return {};
}

Status Copier::putInIndex(const HashLists& lists, IndexState& state, std::uint64_t id, std::uint64_t before,
                          std::uint64_t after) {
  if (mode_ == Mode::Copy) return lists.add(edit_, state, id, after);
  Status moved = lists.replace(edit_, state, id, before, after);
  if (moved.ok() || moved.error().code != Errc::NotFound) return moved;
  return lists.add(edit_, state, id, after);
}

}  // namespace posthorn::store
