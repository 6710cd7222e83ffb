// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <utility>

#include "common/store/copier.h"
#include "common/store/copy_across.h"
#include "common/store/mailbox.h"
#include "common/store/news.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

using Mode = Copier::Mode;

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
  Copier copier(edit, source, target, {request.mode, request.now, request.target.reader()});
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
