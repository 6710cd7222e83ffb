// SPDX-License-Identifier: Apache-2.0
#include "common/store/ops.h"

#include <algorithm>

#include "common/store/hash_index.h"
#include "common/store/news.h"
#include "common/store/quota_state.h"
#include "common/store/reader.h"
#include "common/store/schema.h"

namespace posthorn::store {

namespace {

// When a mailbox has more tombstones than this, the older ones go until kFewTombstones are left.
constexpr std::uint32_t kManyTombstones = 20'000;
constexpr std::uint32_t kFewTombstones = 10'000;

Error replaced() {
  return makeError(Errc::Conflict, "store: the mailbox was removed or renamed");
}

bool isSame(const MailboxRecord& record, const MailboxHandle& box) {
  return record.uidValidity == box.uidValidity() && !record.dying;
}

constexpr View kNothing = "store: nothing to do";

}  // namespace

Result<OpenBox> openBox(Edit& edit, const MailboxHandle& box) {
  OpenBox open;
  open.number = box.number();
  PH_TRY(open.user, edit.user());
  auto record = edit.mailbox(box.number());
  if (!record.ok() && record.error().code == Errc::NotFound) return replaced();
  if (!record.ok()) return record.error();
  open.record = record.value();
  if (!isSame(*open.record, box)) return replaced();
  return open;
}

Result<MailboxRecord> readBox(Snapshot& from, const MailboxHandle& box) {
  const auto value = from.get(key::mailbox(box.number()));
  if (!value.ok() && value.error().code == Errc::NotFound) return replaced();
  if (!value.ok()) return value.error();
  PH_TRY(auto record, MailboxRecord::decode(value.value()));
  if (!isSame(record, box)) return replaced();
  return record;
}

Result<UserRecord> readUser(Snapshot& from) {
  PH_TRY(const auto value, from.get(key::user()));
  return UserRecord::decode(value);
}

Modseq stamp(const OpenBox& box) {
  return box.record->highestModseq = ++box.user->modseq;
}

Status checkRoom(const AccountHandle& account, const QuotaUse& used, const QuotaUse& more) {
  if (!account.options().quota.enforce) return {};
  const auto full = [](const char* what) {
    return Error{Errc::OverQuota, std::string("store: the account's quota of ") + what + " would be passed",
                 "Mailbox is full"};
  };
  if (passesLimit(used, {more.bytes, 0}, account.quota())) return full("octets");
  if (passesLimit(used, {0, more.messages}, account.quota())) return full("messages");
  return {};
}

Result<Uid> addMessage(Edit& edit, const OpenBox& box, const HotBlock::Entry& hot, const ColdEntry& cold) {
  const Uid uid = box.record->uidNext;
  if (uid == 0xFFFF'FFFFU) return makeError(Errc::Limit, "store: the mailbox has no more UIDs");
  PH_TRY(auto* hotSlot, edit.hot(box.number, uid >> kHotShift));
  PH_TRY(auto* coldSlot, edit.cold(box.number, uid >> kColdShift));
  edit.touch(hotSlot);
  edit.touch(coldSlot);
  hotSlot->value.set(uid % kHotUids, hot);
  coldSlot->value.set(uid % kColdUids, cold);
  ++box.record->uidNext;
  ++box.record->messages;
  if ((hot.flags & kSeen) == 0) ++box.record->unseen;
  if ((hot.flags & kDeleted) != 0) ++box.record->deleted;
  box.record->bytes += cold.facts.size;
  box.user->used.bytes += cold.facts.size;
  ++box.user->used.messages;
  return uid;
}

Result<ColdEntry> takeMessage(Edit& edit, const OpenBox& box, Uid uid) {
  PH_TRY(auto* hot, edit.hot(box.number, uid >> kHotShift));
  PH_TRY(auto* cold, edit.cold(box.number, uid >> kColdShift));
  const unsigned at = uid % kColdUids;
  if (!hot->value.has(uid % kHotUids)) return makeError(Errc::NotFound, "store: no such message");
  if (!cold->value.has(at)) return makeError(Errc::Corrupt, "store: a message has flags but no facts");
  edit.touch(hot);
  edit.touch(cold);
  const HotBlock::Entry last = hot->value.entries.at(uid % kHotUids);
  const SystemFlags flags = last.flags;
  const ColdEntry entry = cold->value.entries.at(at);
  const bool deleted = (flags & kDeleted) != 0;
  edit.noteGone(
      box.number, box.record->dying ? box.record->listModseq : 0, uid,
      {entry.facts.emailId, entry.facts.threadId, entry.facts.createdModseq, deleted ? last.modseq : 0});
  hot->value.drop(uid % kHotUids);
  cold->value.drop(at);
  if (hot->value.empty()) PH_CHECK(dropSeen(edit.batch(), box.number, uid >> kHotShift));
  if (entry.importedUidl) {
    PH_TRY(auto* uidls, edit.uidls(box.number, uid >> kColdShift));
    edit.touch(uidls);
    uidls->value.drop(static_cast<std::uint8_t>(at));
  }
  --box.record->messages;
  if ((flags & kSeen) == 0) --box.record->unseen;
  if ((flags & kDeleted) != 0) --box.record->deleted;
  box.record->bytes -= entry.facts.size;
  if (!box.record->dying) {
    box.user->used.bytes -= entry.facts.size;
    --box.user->used.messages;
  }
  return entry;
}

Status dropFromIndexes(Edit& edit, const OpenBox& box, Uid uid, const ColdEntry& cold) {
  const auto place = packPlace(box.number, uid);
  // An index that lacks the message must not keep it from going; check() reports such a thing.
  const auto ignoreMissing = [](Status status) {
    return !status.ok() && status.error().code == Errc::NotFound ? Status() : status;
  };
  PH_CHECK(ignoreMissing(kEmailIds.remove(edit, box.user->emailIds, indexKey(cold.facts.emailId), place)));
  return ignoreMissing(kThreads.remove(edit, box.user->threads, cold.facts.threadId, place));
}

Status releaseBody(Edit& edit, const ColdEntry& cold) {
  if (!cold.shared) return edit.batch().release(cold.blob);
  PH_TRY(auto* slot, edit.raw(key::references(cold.facts.emailId)));
  if (slot->value.empty()) return edit.batch().release(cold.blob);
  PH_TRY(const auto references, decodeNumber(slot->value));
  edit.touch(slot);
  slot->value = references > 2 ? encodeNumber(references - 1) : Bytes();
  return {};
}

Status addTombstones(Edit& edit, const OpenBox& box, const std::vector<Tombstone>& tombstones) {
  const Modseq modseq = box.record->highestModseq;
  const Bytes value = encodeTombstones(tombstones);
  edit.weigh(value.size());
  PH_CHECK(edit.batch().put(key::tombstones(box.number, modseq), value));
  box.record->tombstones += static_cast<std::uint32_t>(tombstones.size());
  if (box.record->tombstones <= kManyTombstones) return {};
  Modseq floor = 0;
  std::uint32_t left = box.record->tombstones;
  PH_CHECK(edit.batch().scan(key::tombstones(box.number, 0), key::tombstones(box.number, modseq),
                             [&](View at, View row) {
                               if (left <= kFewTombstones) return false;
                               floor = getBe<std::uint64_t>(at, 5);
                               left -= std::min(left, static_cast<std::uint32_t>(row.size() / 20));
                               return true;
                             }));
  if (floor == 0) return {};
  box.record->tombstones = left;
  box.record->tombstoneFloor = floor;
  return edit.batch().eraseRange(key::tombstones(box.number, 0), key::tombstones(box.number, floor + 1));
}

Result<std::vector<std::uint32_t>> blocksOf(Snapshot& source, MailboxNo mailbox, const UidSet& uids,
                                            std::uint32_t from, std::size_t limit) {
  std::vector<std::uint32_t> blocks;
  for (const UidRange& range : uids.ranges()) {
    const std::uint32_t first = std::max(range.first >> kHotShift, from);
    const std::uint32_t last = range.last >> kHotShift;
    if (first > last) continue;
    PH_CHECK(source.scan(key::hot(mailbox, first), key::after(key::hot(mailbox, last)), [&](View at, View) {
      const auto block = getBe<std::uint32_t>(at, 5);
      if (blocks.empty() || blocks.back() != block) blocks.push_back(block);
      return blocks.size() < limit;
    }));
    if (blocks.size() >= limit) break;
    from = last;  // a block that two ranges touch is seen once, by the check above
  }
  return blocks;
}

Status noteListChange(Edit& edit, UserRecord& user, MailboxNo number, MailboxRecord& record,
                      ListChange::Kind kind) {
  edit.weigh(128);
  if (record.listModseq != 0) PH_CHECK(edit.batch().erase(key::listChange(record.listModseq, number)));
  record.listModseq = user.modseq;
  ListChange change;
  change.kind = kind;
  change.mailboxId = record.mailboxId;
  return edit.batch().put(key::listChange(user.modseq, number), encodeListChange(change));
}

Error nothingToDo() {
  return makeError(Errc::Cancelled, std::string(kNothing));
}

Result<bool> commitSome(const AccountHandle& account, Sync sync, const std::function<Status(Edit&)>& work) {
  account.noteUse();
  std::vector<Trail::Step> steps;
  QuotaNews news{};
  Modseq modseq = 0;
  const auto done = account.domain().commit(sync, [&](Batch& batch) -> Status {
    Edit edit(batch);
    PH_CHECK(work(edit));
    PH_TRY(news, settleQuota(account, edit));
    steps = edit.steps();
    modseq = edit.modseq();
    return edit.flush();
  });
  if (done.ok()) {
    if (Trail* trail = account.trail())
      for (const Trail::Step& step : steps) trail->note(account.id(), step);
    account.announce();
    if (modseq != 0) tellState(account, modseq);
    tellQuota(account, news);
    return true;
  }
  if (done.error().code == Errc::Cancelled && done.error().text == kNothing) return false;
  return done.error();
}

}  // namespace posthorn::store
