// SPDX-License-Identifier: Apache-2.0
#include "common/store/edit.h"

#include <type_traits>

namespace posthorn::store {

namespace {

template <typename Record>
bool isEmpty(const Record& record) {
  if constexpr (std::is_same_v<Record, KeywordTable>) {
    return record.names.empty();
  } else if constexpr (std::is_same_v<Record, UserRecord> || std::is_same_v<Record, MailboxRecord>) {
    return false;
  } else {
    return record.empty();
  }
}

template <typename Record>
Bytes encoded(const Record& record) {
  if constexpr (std::is_same_v<Record, Bytes>) {
    return record;
  } else {
    return record.encode();
  }
}

template <typename Record>
Result<Record> decoded(View value) {
  if constexpr (std::is_same_v<Record, Bytes>) {
    return Bytes(value);
  } else {
    return Record::decode(value);
  }
}

}  // namespace

template <typename Record>
Result<Edit::Slot<Record>*> Edit::open(Slots<Record>& slots, const Bytes& key) {
  const auto found = slots.find(key);
  if (found != slots.end()) return &found->second;
  Slot<Record> slot;
  const auto value = batch_.get(key);
  if (value.ok()) {
    PH_TRY(slot.value, decoded<Record>(value.value()));
    slot.stored = true;
  } else if (value.error().code != Errc::NotFound) {
    return value.error();
  }
  return &slots.emplace(key, std::move(slot)).first->second;
}

Result<UserRecord*> Edit::user() {
  PH_TRY(auto* slot, open(users_, key::user()));
  if (!slot->stored && !slot->dirty) slot->value.schema = kSchemaVersion;
  touch(slot);
  if (!usedBefore_) usedBefore_ = slot->value.used;
  // What an older release did meanwhile is not written down.
  if (slot->value.goneFloor == 0) slot->value.goneFloor = slot->value.modseq;
  if (!modseqBefore_) modseqBefore_ = slot->stored ? slot->value.modseq : 0;
  return &slot->value;
}

Result<MailboxRecord*> Edit::mailbox(MailboxNo mailbox) {
  PH_TRY(auto* slot, open(mailboxes_, key::mailbox(mailbox)));
  if ((!slot->stored && !slot->dirty) || slot->gone)
    return makeError(Errc::NotFound, "store: no such mailbox");
  touch(slot);
  modseqs_.emplace(mailbox, slot->value.highestModseq);  // kept from the first time
  return &slot->value;
}

MailboxRecord& Edit::addMailbox(MailboxNo mailbox, const MailboxRecord& record) {
  auto& slot = mailboxes_[key::mailbox(mailbox)];
  slot.value = record;
  slot.gone = false;
  touch(&slot);
  return slot.value;
}

void Edit::dropMailbox(MailboxNo mailbox) {
  auto& slot = mailboxes_[key::mailbox(mailbox)];
  slot.stored = true;
  slot.gone = true;
  touch(&slot);
}

Result<Edit::Slot<HotBlock>*> Edit::hot(MailboxNo mailbox, std::uint32_t block) {
  return open(hot_, key::hot(mailbox, block));
}

Result<Edit::Slot<ColdBlock>*> Edit::cold(MailboxNo mailbox, std::uint32_t block) {
  return open(cold_, key::cold(mailbox, block));
}

Result<Edit::Slot<UidlBlock>*> Edit::uidls(MailboxNo mailbox, std::uint32_t block) {
  return open(uidls_, key::uidls(mailbox, block));
}

Result<Edit::Slot<KeywordTable>*> Edit::keywords(MailboxNo mailbox) {
  return open(keywords_, key::keywords(mailbox));
}

Result<Edit::Slot<Bytes>*> Edit::raw(const Bytes& key) {
  return open(raw_, key);
}

template <typename Record>
Status Edit::flush(Slots<Record>& slots) {
  for (auto& [key, slot] : slots) {
    if (!slot.dirty) continue;
    slot.dirty = false;
    if (slot.gone || isEmpty(slot.value)) {
      if (slot.stored) PH_CHECK(batch_.erase(key));
      slot.stored = false;
    } else {
      PH_CHECK(batch_.put(key, encoded(slot.value)));
      slot.stored = true;
    }
  }
  return {};
}

Modseq Edit::modseq() const {
  if (users_.empty()) return 0;
  const Modseq now = users_.begin()->second.value.modseq;
  return now == modseqBefore_ ? 0 : now;
}

std::vector<Trail::Step> Edit::steps() const {
  std::vector<Trail::Step> steps;
  for (const auto& [number, before] : modseqs_) {
    const auto& slot = mailboxes_.find(key::mailbox(number))->second;
    if (slot.gone || slot.value.highestModseq == before) continue;
    Trail::Step step{slot.value.mailboxId, before, slot.value.highestModseq, {}};
    const auto end = hot_.lower_bound(key::after(key::of('H', number)));
    for (auto block = hot_.lower_bound(key::hot(number, 0)); block != end; ++block) {
      const auto at = getBe<std::uint32_t>(block->first, 5);
      step.blocks.add({at, at});
    }
    steps.push_back(step);
  }
  return steps;
}

void Edit::noteGone(MailboxNo mailbox, Modseq removed, Uid uid, const Gone& gone) {
  weigh(kGoneSize);
  gone_.add(mailbox, removed, uid, gone);
}

Status Edit::flushGone() {
  if (gone_.empty()) return {};
  PH_TRY(UserRecord * account, user());
  return gone_.flush(batch_, *account);
}

Status Edit::flush() {
  PH_CHECK(flushGone());
  PH_CHECK(flush(users_));
  PH_CHECK(flush(mailboxes_));
  PH_CHECK(flush(hot_));
  PH_CHECK(flush(cold_));
  PH_CHECK(flush(uidls_));
  PH_CHECK(flush(keywords_));
  return flush(raw_);
}

}  // namespace posthorn::store
