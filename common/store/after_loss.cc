// SPDX-License-Identifier: Apache-2.0
#include "common/store/after_loss.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/store/edit.h"
#include "common/store/schema.h"

namespace posthorn::store {

namespace {

// More than lost commits can have given out, and few of the 48 bits that a MODSEQ has in a hot block.
constexpr Modseq kModseqLeap = Modseq{1} << 32;
constexpr std::uint32_t kUidValidityLeap = std::uint32_t{1} << 16;

// What fits into one commit.
constexpr std::size_t kMostMailboxes = kFullEdit / (MailboxRecord::kSize + 32);

// The numbers of the mailboxes from `from` on, one more than fit into a commit.
Result<std::vector<MailboxNo>> mailboxesFrom(Batch& batch, MailboxNo from) {
  std::vector<MailboxNo> numbers;
  PH_CHECK(batch.scan(key::mailbox(from), key::after(key::of('M')), [&](View key, View) {
    if (key.size() == 5) numbers.push_back(getBe<std::uint32_t>(key, 1));
    return numbers.size() <= kMostMailboxes;
  }));
  return numbers;
}

Status renumber(Edit& edit, UserRecord& user, MailboxNo number, std::uint32_t now) {
  user.nextMailbox = std::max(user.nextMailbox, number + 1);
  const auto record = edit.mailbox(number);
  if (!record.ok() && record.error().code == Errc::Corrupt) return {};  // for the check to name
  PH_CHECK(record);
  (*record)->uidValidity = user.lastUidValidity = std::max(now, user.lastUidValidity + 1);
  (*record)->highestModseq = (*record)->tombstoneFloor = user.modseq;
  return {};
}

}  // namespace

// Says which mailbox the next commit begins with, if there is one more.
static Status renumberSome(Batch& batch, MailboxNo from, std::uint32_t now, std::optional<MailboxNo>& next) {
  next.reset();
  const auto there = batch.get(key::user());
  if (!there.ok() && there.error().code == Errc::NotFound) return {};  // nothing was ever in it
  Edit edit(batch);
  PH_TRY(UserRecord * user, edit.user());
  if (from == 0) {
    user->modseq += kModseqLeap;
    user->listFloor = user->goneFloor = user->modseq;
    user->lastUidValidity = std::max(now, user->lastUidValidity) + kUidValidityLeap;
  }
  PH_TRY(auto numbers, mailboxesFrom(batch, from));
  if (numbers.size() > kMostMailboxes) {
    next = numbers.back();
    numbers.pop_back();
  }
  for (const MailboxNo number : numbers) PH_CHECK(renumber(edit, *user, number, now));
  return edit.flush();
}

Status leaveLostNumbers(Domain& domain, std::uint32_t now) {
  std::optional<MailboxNo> next = 0;
  while (next) {
    const MailboxNo from = *next;
    const auto done =
        domain.commit(Sync::Durable, [&](Batch& batch) { return renumberSome(batch, from, now, next); });
    if (!done.ok()) return done.error();
  }
  return {};
}

}  // namespace posthorn::store
