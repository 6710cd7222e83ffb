// SPDX-License-Identifier: Apache-2.0
#include "common/store/account.h"

#include <algorithm>
#include <map>

#include "common/events/notifier.h"
#include "common/store/body.h"
#include "common/store/hash_index.h"
#include "common/store/mailbox.h"
#include "common/store/message_record.h"
#include "common/store/names.h"
#include "common/store/news.h"
#include "common/store/ops.h"
#include "common/store/uses.h"

namespace posthorn::store {

const std::string& AccountHandle::id() const {
  return shared_->id;
}
const Quota& AccountHandle::quota() const {
  return shared_->quota;
}
const Options& AccountHandle::options() const {
  return *shared_->options;
}
Domain& AccountHandle::domain() const {
  return *shared_->domain;
}
const Clock& AccountHandle::clock() const {
  return *shared_->clock;
}
void AccountHandle::noteUse() const {
  if (shared_->uses) shared_->uses->note(shared_->partition, shared_->id);
}
const events::Notifier* AccountHandle::notifier() const {
  return shared_->notifier.get();
}
Origin AccountHandle::origin() const {
  return shared_->origin;
}
AccountHandle AccountHandle::actingAs(std::string user) const {
  Shared shared = *shared_;
  shared.actor = std::move(user);
  return AccountHandle(std::make_shared<const Shared>(std::move(shared)));
}
const std::string& AccountHandle::actor() const {
  return shared_->actor;
}
Trail* AccountHandle::trail() const {
  return shared_->trail.get();
}
const objects::Memory* AccountHandle::memory() const {
  return shared_->memory.get();
}
void AccountHandle::announce() const {
  if (shared_->notifier) shared_->notifier->accountChanged(shared_->id);
}

Result<Modseq> AccountHandle::modseq() const {
  PH_TRY(const auto snapshot, domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  return user.modseq;
}

Result<QuotaUse> AccountHandle::used() const {
  PH_TRY(const auto snapshot, domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  return user.used;
}

Status AccountHandle::roomFor(QuotaUse more) const {
  PH_TRY(const auto now, used());
  Status room = checkRoom(*this, now, more);
  if (!room.ok()) tellQuotaEvent(*this, QuotaNews::Over);
  return room;
}

Result<MailboxHandle> AccountHandle::mailbox(View name) const {
  PH_TRY(const auto normal, normalName(name));
  PH_TRY(const auto snapshot, domain().snapshot());
  const auto number = snapshot->get(nameKey('N', normal));
  if (!number.ok() && number.error().code == Errc::NotFound)
    return Error{Errc::NotFound, "store: no such mailbox", "No such mailbox"};
  if (!number.ok()) return number.error();
  PH_TRY(const MailboxNo mailbox, decodeNumber(number.value()));
  PH_TRY(const auto value, snapshot->get(key::mailbox(mailbox)));
  PH_TRY(const auto record, MailboxRecord::decode(value));
  return MailboxHandle(*this, mailbox, record.uidValidity, normal);
}

Result<std::vector<MailboxEntry>> AccountHandle::list() const {
  PH_TRY(const auto snapshot, domain().snapshot());
  std::map<Bytes, MailboxEntry> entries;
  Status broken;
  PH_CHECK(snapshot->scan(key::of('N'), key::after(key::of('N')), [&](View at, View value) {
    const auto number = decodeNumber(value);
    if (!number.ok()) broken = number.error();
    MailboxEntry entry;
    entry.name = nameOfKey(at);
    if (number.ok()) entry.status.number = number.value();
    entries.emplace(Bytes(at.substr(1)), std::move(entry));
    return broken.ok();
  }));
  PH_CHECK(broken);
  for (auto& [at, entry] : entries) {
    PH_TRY(const auto value, snapshot->get(key::mailbox(entry.status.number)));
    PH_TRY(const auto record, MailboxRecord::decode(value));
    entry.status = statusOf(entry.status.number, record);
  }
  PH_CHECK(snapshot->scan(key::of('S'), key::after(key::of('S')), [&](View at, View) {
    auto& entry = entries[Bytes(at.substr(1))];
    entry.subscribed = true;
    entry.exists = entry.status.number != 0;
    entry.name = nameOfKey(at);
    return true;
  }));
  std::vector<MailboxEntry> list;
  list.reserve(entries.size());
  for (auto& [at, entry] : entries) list.push_back(std::move(entry));
  const auto inbox = std::find_if(list.begin(), list.end(), [](const auto& e) { return e.name == kInbox; });
  if (inbox != list.end()) std::rotate(list.begin(), inbox, std::next(inbox));
  return list;
}

Result<std::vector<ListChange>> AccountHandle::listChanges(Modseq since) const {
  PH_TRY(const auto snapshot, domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  if (since < user.listFloor)
    return makeError(Errc::Conflict, "store: the changes of the mailbox list are no longer all known");
  std::vector<ListChange> changes;
  Status broken;
  PH_CHECK(snapshot->scan(key::of('L', since + 1), key::after(key::of('L')), [&](View at, View value) {
    const auto change = decodeListChange(at, value);
    if (change.ok())
      changes.push_back(change.value());
    else
      broken = change.error();
    return broken.ok();
  }));
  PH_CHECK(broken);
  return changes;
}

Result<MessageWriter> AccountHandle::message(std::uint64_t sizeHint) const {
  PH_TRY(auto blob, domain().blob(sizeHint == 0 ? 0 : sizeHint + kBodyOffset + kFooterSize));
  return MessageWriter(std::move(blob), options().maxMessageSize);
}

static std::vector<AccountHandle::Place> toPlaces(const std::vector<std::uint64_t>& packed) {
  std::vector<AccountHandle::Place> places;
  places.reserve(packed.size());
  for (const auto place : packed) places.push_back({mailboxOf(place), uidOf(place)});
  std::sort(places.begin(), places.end());
  return places;
}

Result<std::vector<AccountHandle::Place>> AccountHandle::find(const Id128& emailId) const {
  PH_TRY(const auto snapshot, domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  PH_TRY(const auto packed, kEmailIds.all(*snapshot, user.emailIds, indexKey(emailId)));
  std::vector<Place> places = toPlaces(packed);
  // The index knows half of the id.
  for (auto place = places.begin(); place != places.end();) {
    PH_TRY(const auto value, snapshot->get(key::cold(place->mailbox, place->uid >> kColdShift)));
    PH_TRY(const auto block, ColdBlock::decode(value));
    const bool same = block.entries.at(place->uid % kColdUids).facts.emailId == emailId;
    place = same ? std::next(place) : places.erase(place);
  }
  return places;
}

Result<std::vector<AccountHandle::Place>> AccountHandle::thread(std::uint64_t threadId) const {
  PH_TRY(const auto snapshot, domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  PH_TRY(const auto packed, kThreads.all(*snapshot, user.threads, threadId));
  return toPlaces(packed);
}

}  // namespace posthorn::store
