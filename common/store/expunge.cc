// SPDX-License-Identifier: Apache-2.0
#include "common/store/expunge.h"

#include <bit>

#include "common/store/mailbox.h"
#include "common/store/news.h"
#include "common/store/ops.h"
#include "common/store/reader.h"

namespace posthorn::store {

namespace {

// A commit looks at so many blocks at most; it ends earlier when its records fill half a batch.
constexpr std::size_t kBlocksPerStep = 256;

struct Step {
  std::vector<Uid> gone;
  MailboxRecord after;
  Modseq modseq = 0;
  std::uint32_t next = 0;
  bool more = false;
};

Status expungeBlock(Edit& edit, const OpenBox& box, std::uint32_t number, std::uint64_t bits,
                    std::vector<Tombstone>& tombstones) {
  for (; bits != 0; bits &= bits - 1) {
    const Uid uid = (number << kHotShift) + static_cast<Uid>(std::countr_zero(bits));
    PH_TRY(const ColdEntry cold, takeMessage(edit, box, uid));
    PH_CHECK(dropFromIndexes(edit, box, uid, cold));
    PH_CHECK(releaseBody(edit, cold));
    tombstones.push_back({uid, cold.facts.emailId, 0});
    edit.weigh(20 + 48);
  }
  return {};
}

Status expungeStep(Edit& edit, const OpenBox& box, const UidSet& uids, bool onlyDeleted, std::uint32_t from,
                   Step& step) {
  step = Step{};
  PH_TRY(const auto blocks, blocksOf(edit.batch(), box.number, uids, from, kBlocksPerStep));
  std::vector<Tombstone> tombstones;
  std::size_t done = 0;
  for (; done < blocks.size() && !edit.full(); ++done) {
    PH_TRY(const auto* slot, edit.hot(box.number, blocks[done]));
    const std::uint64_t among = onlyDeleted ? slot->value.deleted : slot->value.present;
    PH_CHECK(expungeBlock(edit, box, blocks[done], among & uids.bitsOfBlock(blocks[done]), tombstones));
  }
  step.more = done < blocks.size() || blocks.size() == kBlocksPerStep;
  if (step.more) step.next = blocks[done - 1] + 1;
  step.modseq = box.record->highestModseq;
  if (tombstones.empty()) return nothingToDo();
  for (const auto& tombstone : tombstones) step.gone.push_back(tombstone.uid);
  if (box.record->dying) return {};
  step.modseq = stamp(box);
  step.after = *box.record;
  return addTombstones(edit, box, tombstones);
}

/// A step over a mailbox that is dying; its record goes with the last message. NotFound when it is gone.
Status buryStep(Edit& edit, MailboxNo mailbox, Step& step) {
  OpenBox box;
  box.number = mailbox;
  PH_TRY(box.record, edit.mailbox(mailbox));
  PH_TRY(box.user, edit.user());
  if (!box.record->dying) return makeError(Errc::Internal, "store: a mailbox in the list cannot be buried");
  Status taken = expungeStep(edit, box, UidSet::all(), false, 0, step);
  if (!taken.ok() && taken.error().code != Errc::Cancelled) return taken;
  step.more = box.record->messages > 0;
  if (step.more && step.gone.empty())
    return makeError(Errc::Corrupt, "store: a removed mailbox counts messages that it does not have");
  if (step.more) return {};
  edit.dropMailbox(mailbox);
  if (box.user->dying > 0) --box.user->dying;
  PH_CHECK(edit.batch().erase(key::keywords(mailbox)));
  PH_CHECK(edit.batch().erase(key::acl(mailbox)));
  PH_CHECK(dropSeen(edit.batch(), mailbox, std::nullopt));
  return edit.batch().eraseRange(key::tombstones(mailbox, 0), key::after(key::of('T', mailbox)));
}

}  // namespace

Result<ExpungeResult> MailboxHandle::expunge(const UidSet& uids, bool onlyDeleted) {
  ExpungeResult gone;
  PH_CHECK(expunge(uids, onlyDeleted, gone));
  return gone;
}

Status MailboxHandle::expunge(const UidSet& uids, bool onlyDeleted, ExpungeResult& gone) {
  gone = ExpungeResult{};
  std::uint32_t from = 0;
  Step step;
  do {
    const auto done = commitSome(account_, Sync::Durable, [&](Edit& edit) -> Status {
      PH_TRY(const OpenBox box, openBox(edit, *this));
      return expungeStep(edit, box, uids, onlyDeleted, from, step);
    });
    if (!done.ok()) return done.error();
    tellGone(*this, step.gone, onlyDeleted, step.after);
    gone.gone.insert(gone.gone.end(), step.gone.begin(), step.gone.end());
    gone.modseq = step.modseq;
    from = step.next;
  } while (step.more);
  return {};
}

Status buryMailbox(const AccountHandle& account, MailboxNo mailbox) {
  Step step;
  do {
    const auto done =
        commitSome(account, Sync::Durable, [&](Edit& edit) { return buryStep(edit, mailbox, step); });
    if (!done.ok() && done.error().code == Errc::NotFound) return {};
    if (!done.ok()) return done.error();
  } while (step.more);
  return {};
}

}  // namespace posthorn::store
