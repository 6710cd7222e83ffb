// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <utility>

#include "common/store/copy_across.h"
#include "common/store/hash_index.h"
#include "common/store/mailbox.h"
#include "common/store/news.h"
#include "common/store/ops.h"
#include "common/store/reader.h"

namespace posthorn::store {

namespace {

enum class Mode : std::uint8_t { Copy, Move };

struct Step {
  CopyResult result;
  MailboxRecord source;  // afterwards
  MailboxRecord target;
  Uid next = 0;
  bool more = false;
};

struct Request {
  const MailboxHandle& source;
  const MailboxHandle& target;
  const UidSet& uids;
  Mode mode;
  QuotaPolicy policy;
  Uid below;  ///< UIDs from here on came after the command began
  std::int64_t now;
};

/// The copying of one commit.
class Copier {
 public:
  Copier(Edit& edit, const OpenBox& source, const OpenBox& target, const Request& request)
      : edit_(edit),
        source_(source),
        target_(target),
        mode_(request.mode),
        now_(request.now),
        reader_(request.target.reader()),
        mapper_(edit, target.number) {}

  Status one(Uid uid, CopyResult& result) {
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

  [[nodiscard]] const std::vector<Tombstone>& tombstones() const { return tombstones_; }

 private:
  /// Leaves the flags that a reader may set in the target; whether it is \Seen for him there.
  Result<bool> becomeReaders(HotBlock::Entry& hot, Uid uid) {
    if (reader_ == nullptr) return false;
    PH_TRY(const SeenBlock his, SeenEdit(edit_, source_.number, *reader_).read(uid >> kHotShift));
    hot.flags = static_cast<SystemFlags>(hot.flags & reader_->flags() & ~kSeen);
    if (!reader_->mayUseKeywords()) hot.keywords = 0;
    return (his.seen >> (uid % kHotUids) & 1U) != 0 && (reader_->flags() & kSeen) != 0;
  }

  Result<std::uint64_t> keywordsIn(std::uint64_t bits) {
    if (bits == 0 || source_.number == target_.number) return bits;
    PH_TRY(const auto* table, edit_.keywords(source_.number));
    return mapper_.translate(bits, table->value);
  }

  /// Counts one more reference to the body.
  Status share(Edit::Slot<ColdBlock>* slot, Uid uid, ColdEntry& cold) {
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
  Result<bool> hasCopy(const Id128& emailId, std::uint64_t except) {
    PH_TRY(const auto places, kEmailIds.all(edit_, target_.user->emailIds, indexKey(emailId)));
    return std::any_of(places.begin(), places.end(), [&](std::uint64_t place) {
      return place != except && mailboxOf(place) == target_.number;
    });
  }

  Status put(Uid uid, const HotBlock::Entry& hot, ColdEntry cold, CopyResult& result) {
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

  Status putInIndex(const HashLists& lists, IndexState& state, std::uint64_t id, std::uint64_t before,
                    std::uint64_t after) {
    if (mode_ == Mode::Copy) return lists.add(edit_, state, id, after);
    Status moved = lists.replace(edit_, state, id, before, after);
    if (moved.ok() || moved.error().code != Errc::NotFound) return moved;
    return lists.add(edit_, state, id, after);
  }

  Edit& edit_;
  const OpenBox& source_;
  const OpenBox& target_;
  Mode mode_;
  std::int64_t now_;
  const Reader* reader_;
  KeywordMapper mapper_;
  std::vector<Tombstone> tombstones_;
};

/// The UIDs of `uids` that exist, from `from` on, and what they weigh; at most kMaxCopy.
struct Chosen {
  std::vector<Uid> uids;
  QuotaUse use;
};
Result<Chosen> choose(Edit& edit, MailboxNo mailbox, const UidSet& uids, Uid from, Uid below) {
  Chosen chosen;
  PH_TRY(const auto blocks, blocksOf(edit.batch(), mailbox, uids, from >> kHotShift, kMaxCopy + 1));
  for (const auto block : blocks) {
    PH_TRY(const auto* slot, edit.hot(mailbox, block));
    for (std::uint64_t bits = uids.bitsOfBlock(block) & slot->value.present; bits != 0; bits &= bits - 1) {
      const Uid uid = (block << kHotShift) + static_cast<Uid>(std::countr_zero(bits));
      if (uid < from || uid >= below) continue;
      if (chosen.uids.size() == kMaxCopy) return chosen;
      PH_TRY(const auto* cold, edit.cold(mailbox, uid >> kColdShift));
      chosen.uids.push_back(uid);
      chosen.use.bytes += cold->value.entries.at(uid % kColdUids).facts.size;
      ++chosen.use.messages;
    }
  }
  return chosen;
}

Status copyStep(Edit& edit, const Request& request, Uid from, Step& step) {
  step = Step{};
  PH_TRY(const OpenBox source, openBox(edit, request.source));
  PH_TRY(const OpenBox target, openBox(edit, request.target));
  PH_TRY(const Chosen chosen, choose(edit, source.number, request.uids, from, request.below));
  step.result.uidValidity = target.record->uidValidity;
  step.result.modseq = target.record->highestModseq;
  if (chosen.uids.empty()) return nothingToDo();
  const bool counts = request.mode == Mode::Copy && request.policy == QuotaPolicy::Enforce;
  if (counts) PH_CHECK(checkRoom(request.source.account(), source.user->used, chosen.use));
  step.result.modseq = stamp(target);
  if (request.mode == Mode::Move) source.record->highestModseq = target.user->modseq;
  Copier copier(edit, source, target, request);
  std::size_t done = 0;
  for (; done < chosen.uids.size() && !edit.full(); ++done)
    PH_CHECK(copier.one(chosen.uids[done], step.result));
  step.more = done < chosen.uids.size() || done == kMaxCopy;
  step.next = chosen.uids[done - 1] + 1;
  step.source = *source.record;
  step.target = *target.record;
  return request.mode == Mode::Move ? addTombstones(edit, source, copier.tombstones()) : Status();
}

Result<CopyResult> copyAll(const Request& request) {
  CopyResult total;
  Uid from = 1;
  Step step;
  do {
    const auto done = commitSome(request.source.account(), Sync::Durable,
                                 [&](Edit& edit) { return copyStep(edit, request, from, step); });
    if (!done.ok()) {
      if (done.error().code == Errc::OverQuota) tellQuotaEvent(request.source.account(), QuotaNews::Over);
      // COPY leaves the target as it was (RFC 9051 6.4.7); what MOVE has moved stays moved (RFC 6851 3.3).
      if (request.mode == Mode::Copy && !total.target.empty()) {
        MailboxHandle target = request.target;
        PH_CHECK(target.expunge(UidSet::of(total.target), false));
      }
      return done.error();
    }
    tellCopied(request.source, request.target, step.result.target, step.target);
    if (request.mode == Mode::Move) tellGone(request.source, step.result.source, false, step.source);
    total.uidValidity = step.result.uidValidity;
    total.modseq = step.result.modseq;
    total.source.insert(total.source.end(), step.result.source.begin(), step.result.source.end());
    total.target.insert(total.target.end(), step.result.target.begin(), step.result.target.end());
    from = step.next;
  } while (step.more);
  return total;
}

Result<CopyResult> transfer(const MailboxHandle& source, const MailboxHandle& target, const UidSet& uids,
                            Mode mode, QuotaPolicy policy) {
  if (&source.account().domain() != &target.account().domain())
    return copyAcross(source, target, uids, mode == Mode::Move, policy);
  PH_TRY(const auto status, source.status());
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(source.account().clock().wall().time_since_epoch());
  return copyAll({source, target, uids, mode, policy, status.uidNext, now.count()});
}

}  // namespace

Result<CopyResult> MailboxHandle::copy(const UidSet& uids, const MailboxHandle& target, QuotaPolicy policy) {
  return transfer(*this, target, uids, Mode::Copy, policy);
}

Result<CopyResult> MailboxHandle::move(const UidSet& uids, const MailboxHandle& target) {
  // Inside an account nothing is added; into another one it is.
  return transfer(*this, target, uids, Mode::Move, QuotaPolicy::Enforce);
}

}  // namespace posthorn::store
