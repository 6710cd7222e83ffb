// SPDX-License-Identifier: Apache-2.0
#include "common/store/import.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>

#include "common/store/hash_index.h"
#include "common/store/message_record.h"
#include "common/store/names.h"
#include "common/store/news.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

// UIDVALIDITYs that the account gives itself come after those it adopts, and must have room to.
constexpr std::uint32_t kMaxAdopted = 0xF000'0000U;

std::int64_t secondsNow(const AccountHandle& account) {
  return std::chrono::duration_cast<std::chrono::seconds>(account.clock().wall().time_since_epoch()).count();
}

/// Remembers that the name has this UIDVALIDITY; Exists when it had it before.
Status claim(Edit& edit, View name, std::uint32_t uidValidity) {
  PH_TRY(auto* slot, edit.raw(key::adopted(uidValidity, stableHash(name))));
  if (!slot->value.empty())
    return makeError(Errc::Exists, "store: another mailbox of that name had this UIDVALIDITY");
  edit.touch(slot);
  slot->value = Bytes(1, '\x01');
  return {};
}

Status changeUidValidity(Edit& edit, const OpenBox& box, std::uint32_t uidValidity, bool adopted) {
  box.record->uidValidity = uidValidity;
  box.record->adopted = adopted;
  box.user->lastUidValidity = std::max(box.user->lastUidValidity, uidValidity);
  stamp(box);
  return noteListChange(edit, *box.user, box.number, *box.record, ListChange::Kind::Changed);
}

Result<bool> isDying(Snapshot& source, MailboxNo mailbox) {
  PH_TRY(const auto value, source.get(key::mailbox(mailbox)));
  PH_TRY(const auto record, MailboxRecord::decode(value));
  return record.dying;
}

Result<bool> has(Edit& edit, const OpenBox& box, const Id128& emailId) {
  PH_TRY(const auto places, kEmailIds.all(edit, box.user->emailIds, indexKey(emailId)));
  for (const auto place : places) {
    PH_TRY(const auto* slot, edit.cold(mailboxOf(place), uidOf(place) >> kColdShift));
    const unsigned at = uidOf(place) % kColdUids;
    if (!slot->value.has(at) || slot->value.entries.at(at).facts.emailId != emailId) continue;
    if (mailboxOf(place) == box.number) return true;
    PH_TRY(const bool dying, isDying(edit.batch(), mailboxOf(place)));
    if (!dying) return true;
  }
  return false;
}

/// The bits of the keywords that the mailbox has or finds a place for; the others are counted.
Result<std::uint64_t> keywordBits(KeywordMapper& mapper, const std::vector<std::string>& names,
                                  std::size_t& dropped) {
  std::uint64_t bits = 0;
  for (const auto& name : names) {
    const auto bit = mapper.bits({name});
    if (bit.ok())
      bits |= bit.value();
    else if (bit.error().code == Errc::Limit)
      ++dropped;
    else
      return bit.error();
  }
  return bits;
}

Status checkUids(std::span<MessageWriter> messages, std::span<const Uid> uids) {
  if (messages.empty() || messages.size() > kMaxAppend)
    return makeError(Errc::Invalid, "store: an import takes 1 to kMaxAppend messages");
  if (!uids.empty() && uids.size() != messages.size())
    return makeError(Errc::Invalid, "store: an import needs a UID for each message, or none");
  Uid last = 0;
  for (const Uid uid : uids) {
    if (uid <= last || uid == std::numeric_limits<Uid>::max())
      return makeError(Errc::Invalid, "store: the UIDs of an import must ascend");
    last = uid;
  }
  for (const auto& message : messages)
    if (!message.finished()) return makeError(Errc::Invalid, "store: import of an unfinished message");
  return {};
}

/// The messages of one commit.
Status importSome(Edit& edit, const OpenBox& box, std::span<MessageWriter> messages,
                  std::span<const Uid> uids, std::int64_t now, ImportResult& result) {
  KeywordMapper mapper(edit, box.number);
  result.modseq = stamp(box);
  result.uidValidity = box.record->uidValidity;
  for (; result.taken < messages.size() && (result.taken == 0 || !edit.full()); ++result.taken) {
    MessageWriter& message = messages[result.taken];
    PH_TRY(const bool present, has(edit, box, message.emailId()));
    if (present) {
      ++result.present;
      result.uids.push_back(0);
      continue;
    }
    if (!uids.empty()) box.record->uidNext = uids[result.taken];
    PH_TRY(const auto bits, keywordBits(mapper, message.keywords(), result.keywordsDropped));
    PH_TRY(const Uid uid, appendOne(edit, box, message, bits, now));
    result.uids.push_back(uid);
  }
  return result.present == result.taken ? Status(nothingToDo()) : Status();
}

}  // namespace

Result<MailboxHandle> adoptUidValidity(const AccountHandle& account, View name, std::uint32_t uidValidity) {
  if (uidValidity == 0 || uidValidity > kMaxAdopted)
    return makeError(Errc::Invalid, "store: not a UIDVALIDITY that can be adopted");
  PH_TRY(const auto normal, normalName(name));
  PH_TRY(const auto box, account.mailbox(normal));
  const auto done = commitSome(account, Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const OpenBox open, openBox(edit, box));
    if (open.record->uidNext != 1 || open.record->messages != 0)
      return makeError(Errc::Conflict, "store: the mailbox has or had messages");
    PH_CHECK(claim(edit, normal, uidValidity));
    return changeUidValidity(edit, open, uidValidity, true);
  });
  if (!done.ok()) return done.error();
  return MailboxHandle(account, box.number(), uidValidity);
}

Result<MailboxHandle> renewUidValidity(const MailboxHandle& box) {
  const auto now = static_cast<std::uint32_t>(secondsNow(box.account()));
  std::uint32_t fresh = 0;
  const auto done = commitSome(box.account(), Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const OpenBox open, openBox(edit, box));
    fresh = std::max(now, open.user->lastUidValidity + 1);
    return changeUidValidity(edit, open, fresh, false);
  });
  if (!done.ok()) return done.error();
  return MailboxHandle(box.account(), box.number(), fresh);
}

Status raiseUidNext(const MailboxHandle& box, Uid uidNext) {
  if (uidNext == 0) return makeError(Errc::Invalid, "store: not a UIDNEXT");
  const auto done = commitSome(box.account(), Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const OpenBox open, openBox(edit, box));
    if (open.record->uidNext >= uidNext) return nothingToDo();
    open.record->uidNext = uidNext;
    return {};
  });
  return done.ok() ? Status() : Status(done.error());
}

Result<MessageWriter> importedMessage(const AccountHandle& account, std::uint64_t sizeHint,
                                      const Id128& emailId) {
  PH_TRY(auto blob, account.domain().blob(sizeHint == 0 ? 0 : sizeHint + kBodyOffset + kFooterSize));
  return MessageWriter(std::move(blob), std::numeric_limits<std::uint64_t>::max(), emailId);
}

Result<std::vector<Known>> known(const MailboxHandle& box, std::span<const Id128> emailIds) {
  PH_TRY(const auto changes, box.changesSince(0));
  std::set<Id128> gone;
  for (const auto& tombstone : changes.gone) gone.insert(tombstone.emailId);
  PH_TRY(const auto entries, box.account().list());
  std::set<MailboxNo> living;
  for (const auto& entry : entries) living.insert(entry.status.number);
  std::vector<Known> found;
  found.reserve(emailIds.size());
  for (const Id128& emailId : emailIds) {
    Known known;
    known.known = gone.count(emailId) != 0;
    PH_TRY(const auto places, box.account().find(emailId));
    for (const auto& place : places) {
      if (living.count(place.mailbox) == 0) continue;
      known.known = true;
      if (place.mailbox == box.number() && known.uid == 0) known.uid = place.uid;
    }
    found.push_back(known);
  }
  return found;
}

Result<ImportResult> importMessages(const MailboxHandle& box, std::span<MessageWriter> messages,
                                    std::span<const Uid> uids) {
  PH_CHECK(checkUids(messages, uids));
  const std::int64_t now = secondsNow(box.account());
  ImportResult result;
  MailboxRecord after;
  const auto done = commitSome(box.account(), Sync::Durable, [&](Edit& edit) -> Status {
    result = ImportResult{};
    PH_TRY(const OpenBox open, openBox(edit, box));
    if (!uids.empty() && uids.front() < open.record->uidNext)
      return makeError(Errc::Conflict, "store: the mailbox has given that UID to another message");
    Status imported = importSome(edit, open, messages, uids, now, result);
    after = *open.record;
    return imported;
  });
  if (!done.ok()) return done.error();
  if (done.value()) tellAppended(box, messages, result.uids, after);
  return result;
}

}  // namespace posthorn::store
