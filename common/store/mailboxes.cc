// SPDX-License-Identifier: Apache-2.0
#include "common/store/mailboxes.h"

#include <algorithm>
#include <chrono>

#include "common/base/ascii.h"
#include "common/store/annotations.h"
#include "common/store/body.h"
#include "common/store/expunge.h"
#include "common/store/mailbox.h"
#include "common/store/names.h"
#include "common/store/news.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

// A rename takes so many mailboxes along at most: all of them go in one commit.
constexpr std::size_t kMaxRenamed = 1000;
// Removed mailboxes are remembered for listChanges() until there are so many; half of them go then.
constexpr std::size_t kManyRemoved = 1000;

Error exists() {
  return Error{Errc::Exists, "store: the mailbox exists", "Mailbox already exists"};
}
Error missing() {
  return Error{Errc::NotFound, "store: no such mailbox", "No such mailbox"};
}

std::uint32_t secondsNow(const AccountHandle& account) {
  const auto now = account.clock().wall().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::uint32_t newUidValidity(UserRecord& user, std::uint32_t now) {
  return user.lastUidValidity = std::max(now, user.lastUidValidity + 1);
}

Result<std::optional<MailboxNo>> lookUp(Edit& edit, View name) {
  PH_TRY(const auto* slot, edit.raw(nameKey('N', name)));
  if (slot->value.empty()) return std::optional<MailboxNo>();
  PH_TRY(const MailboxNo number, decodeNumber(slot->value));
  return std::optional<MailboxNo>(number);
}

Status setName(Edit& edit, View name, std::optional<MailboxNo> number) {
  PH_TRY(auto* slot, edit.raw(nameKey('N', name)));
  edit.touch(slot);
  slot->value = number ? encodeNumber(*number) : Bytes();
  return {};
}

/// The mailbox gets the access list of its parent, which is there.
Status inheritAcl(Edit& edit, View name, MailboxNo number) {
  Bytes list;
  if (const View parent = parentOf(name); !parent.empty()) {
    PH_TRY(const auto above, lookUp(edit, parent));
    if (above) {
      PH_TRY(const auto* slot, edit.raw(key::acl(*above)));
      list = slot->value;
    }
  }
  PH_TRY(auto* slot, edit.raw(key::acl(number)));
  if (slot->value == list) return {};
  slot->value = list;
  edit.touch(slot);
  return {};
}

Result<MailboxNo> makeMailbox(Edit& edit, View name, SpecialUse use, std::uint32_t now) {
  PH_TRY(UserRecord * user, edit.user());
  const MailboxNo number = user->nextMailbox++;
  MailboxRecord record;
  record.uidValidity = newUidValidity(*user, now);
  record.mailboxId = Id128::random();
  record.specialUse = use & kUseKnown;
  record.highestModseq = record.createdModseq = ++user->modseq;
  MailboxRecord& kept = edit.addMailbox(number, record);
  PH_CHECK(setName(edit, name, number));
  PH_CHECK(inheritAcl(edit, name, number));
  PH_CHECK(noteListChange(edit, *user, number, kept, ListChange::Kind::Created));
  return number;
}

/// "a" and "a/b" of "a/b/c", as far as they are missing.
Status makeParents(Edit& edit, View name, std::uint32_t now) {
  const View parent = parentOf(name);
  if (parent.empty()) return {};
  PH_TRY(const auto known, lookUp(edit, parent));
  if (known) return {};
  PH_CHECK(makeParents(edit, parent, now));
  return makeMailbox(edit, parent, 0, now).ok() ? Status() : makeError(Errc::Internal, "store: no parent");
}

Status checkCount(Edit& edit) {
  std::size_t count = 0;
  PH_CHECK(edit.batch().scan(key::of('N'), key::after(key::of('N')),
                             [&](View, View) { return ++count < kMaxMailboxes; }));
  return count < kMaxMailboxes ? Status()
                               : makeError(Errc::Limit, "store: the account has too many mailboxes");
}

/// Mailboxes by name: `name` and what is below it.
Result<std::vector<std::pair<std::string, MailboxNo>>> subtree(Edit& edit, View name) {
  std::vector<std::pair<std::string, MailboxNo>> found;
  PH_TRY(const auto self, lookUp(edit, name));
  if (self) found.emplace_back(std::string(name), *self);
  Status broken;
  const Bytes below = nameKey('N', std::string(name) + "/");
  PH_CHECK(edit.batch().scan(below, key::after(below), [&](View at, View value) {
    const auto number = decodeNumber(value);
    if (!number.ok()) broken = number.error();
    if (number.ok()) found.emplace_back(nameOfKey(at), number.value());
    return broken.ok() && found.size() <= kMaxRenamed;
  }));
  PH_CHECK(broken);
  return found;
}

/// A UIDVALIDITY of another server belongs to the name that it had there: it must not come to a name that may
/// have had it with other messages.
void leaveAdopted(UserRecord& user, MailboxRecord& record, std::uint32_t now) {
  if (!record.adopted) return;
  record.uidValidity = newUidValidity(user, now);
  record.adopted = false;
}

Status renameAll(Edit& edit, const std::string& from, const std::string& to, std::uint32_t now) {
  PH_TRY(const auto moved, subtree(edit, from));
  if (moved.empty()) return missing();
  if (moved.size() > kMaxRenamed) return makeError(Errc::Limit, "store: too many mailboxes in one rename");
  PH_TRY(const auto taken, subtree(edit, to));
  if (!taken.empty()) return exists();
  PH_TRY(UserRecord * user, edit.user());
  for (const auto& [name, number] : moved) {
    const std::string target = to + name.substr(from.size());
    if (target.size() > kMaxName) return makeError(Errc::Invalid, "store: a name below becomes too long");
    PH_TRY(MailboxRecord * record, edit.mailbox(number));
    ++user->modseq;
    PH_CHECK(setName(edit, name, std::nullopt));
    PH_CHECK(setName(edit, target, number));
    leaveAdopted(*user, *record, now);
    PH_CHECK(noteListChange(edit, *user, number, *record, ListChange::Kind::Renamed));
  }
  return makeParents(edit, to, now);
}

/// What was shared under the name of INBOX stays so, and who may see its old messages is for their new place
/// to say.
Status moveInboxAcl(Edit& edit, MailboxNo inbox, MailboxNo moved, View to) {
  PH_TRY(auto* from, edit.raw(key::acl(moved)));
  PH_TRY(auto* kept, edit.raw(key::acl(inbox)));
  kept->value = from->value;
  edit.touch(kept);
  return inheritAcl(edit, to, moved);
}

/// The messages stay where they are and get the new name; INBOX becomes an empty mailbox with the old
/// identity.
Status renameInbox(Edit& edit, const std::string& to, std::uint32_t now) {
  PH_TRY(const auto number, lookUp(edit, kInbox));
  if (!number) return missing();
  PH_TRY(const auto taken, subtree(edit, to));
  if (!taken.empty()) return exists();
  PH_CHECK(checkCount(edit));
  PH_CHECK(makeParents(edit, to, now));
  PH_TRY(const MailboxNo fresh, makeMailbox(edit, kInbox, 0, now));
  PH_TRY(MailboxRecord * inbox, edit.mailbox(fresh));
  PH_TRY(MailboxRecord * moved, edit.mailbox(*number));
  PH_TRY(UserRecord * user, edit.user());
  std::swap(inbox->mailboxId, moved->mailboxId);
  std::swap(inbox->uidValidity, moved->uidValidity);
  std::swap(inbox->specialUse, moved->specialUse);
  std::swap(inbox->adopted, moved->adopted);
  std::swap(inbox->createdModseq, moved->createdModseq);
  inbox->uidNext = moved->uidNext;
  inbox->highestModseq = ++user->modseq;
  inbox->tombstoneFloor = inbox->highestModseq;  // who knew the old messages must compare the UIDs
  PH_CHECK(noteListChange(edit, *user, fresh, *inbox, ListChange::Kind::Changed));
  moved->highestModseq = moved->createdModseq = ++user->modseq;
  PH_CHECK(setName(edit, to, *number));
  PH_CHECK(moveInboxAcl(edit, fresh, *number, to));
  PH_CHECK(copyAnnotations(edit, *number, fresh));
  return noteListChange(edit, *user, *number, *moved, ListChange::Kind::Created);
}

Status trimListChanges(Edit& edit, UserRecord& user) {
  std::vector<Bytes> removed;
  PH_CHECK(edit.batch().scan(key::of('L'), key::after(key::of('L')), [&](View at, View value) {
    const auto change = decodeListChange(at, value);
    if (change.ok() && change.value().kind == ListChange::Kind::Deleted) removed.emplace_back(at);
    return true;
  }));
  if (removed.size() < kManyRemoved) return {};
  removed.resize(removed.size() / 2);
  for (const Bytes& at : removed) PH_CHECK(edit.batch().erase(at));
  user.listFloor = getBe<std::uint64_t>(removed.back(), 1);
  return {};
}

Status detach(Edit& edit, const std::string& name, Removal removal, MailboxNo* number) {
  PH_TRY(const auto found, lookUp(edit, name));
  if (!found) return missing();
  *number = *found;
  PH_TRY(UserRecord * user, edit.user());
  PH_TRY(MailboxRecord * record, edit.mailbox(*found));
  if (removal == Removal::Empty && record->messages > record->deleted)
    return makeError(Errc::Conflict, "store: there are messages in the mailbox");
  ++user->modseq;
  ++user->dying;
  user->used.bytes -= record->bytes;
  user->used.messages -= record->messages;
  record->dying = true;
  if (record->messages > kMostGoneAtOnce) user->goneFloor = user->modseq;
  PH_CHECK(setName(edit, name, std::nullopt));
  PH_CHECK(edit.batch().erase(key::acl(*found)));
  PH_CHECK(dropAnnotations(edit, *found));
  PH_CHECK(noteListChange(edit, *user, *found, *record, ListChange::Kind::Deleted));
  return trimListChanges(edit, *user);
}

}  // namespace

Status bootstrap(const AccountHandle& account) {
  {
    PH_TRY(const auto snapshot, account.domain().snapshot());
    const auto user = readUser(*snapshot);
    if (user.ok()) return {};
    if (user.error().code != Errc::NotFound) return user.error();
  }
  const std::uint32_t now = secondsNow(account);
  const auto done = commitSome(account, Sync::Durable, [&](Edit& edit) -> Status {
    if (edit.batch().get(key::user()).ok()) return nothingToDo();
    PH_CHECK(makeMailbox(edit, kInbox, 0, now));
    for (const DefaultFolder& folder : account.options().defaultFolders) {
      PH_TRY(const auto name, normalName(folder.name));
      PH_CHECK(checkNewName(name));
      PH_TRY(const auto known, lookUp(edit, name));
      if (known) continue;
      PH_CHECK(makeParents(edit, name, now));
      PH_CHECK(makeMailbox(edit, name, folder.specialUse, now));
      PH_CHECK(edit.batch().put(nameKey('S', name), {}));
    }
    return edit.batch().put(nameKey('S', kInbox), {});
  });
  if (done.ok() && done.value()) tellFirstFolders(account);
  return done.ok() ? Status() : Status(done.error());
}

Result<MailboxStatus> AccountHandle::create(View name, SpecialUse use) {
  PH_TRY(const auto normal, normalName(name));
  PH_CHECK(checkNewName(normal));
  const std::uint32_t now = secondsNow(*this);
  MailboxStatus status;
  const auto done = commitSome(*this, Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const auto known, lookUp(edit, normal));
    if (known) return exists();
    PH_CHECK(checkCount(edit));
    PH_CHECK(makeParents(edit, normal, now));
    PH_TRY(const MailboxNo number, makeMailbox(edit, normal, use, now));
    PH_TRY(const auto* record, edit.mailbox(number));
    status = statusOf(number, *record);
    return {};
  });
  if (!done.ok()) return done.error();
  tellFolder(*this, events::EventType::CreateFolder, normal, {}, &status);
  return status;
}

Status removeMailbox(const AccountHandle& account, View name, Removal removal) {
  PH_TRY(const auto normal, normalName(name));
  if (normal == kInbox)
    return Error{Errc::Denied, "store: INBOX cannot be removed", "INBOX cannot be deleted"};
  MailboxNo number = 0;
  const auto done =
      commitSome(account, Sync::Durable, [&](Edit& edit) { return detach(edit, normal, removal, &number); });
  if (!done.ok()) return done.error();
  tellFolder(account, events::EventType::DeleteFolder, normal, {}, nullptr);
  // The mailbox is gone; what it still holds is given back by upkeep where it cannot be now.
  static_cast<void>(buryMailbox(account, number));
  return {};
}

Status AccountHandle::remove(View name) {
  return removeMailbox(*this, name, Removal::Whole);
}

Result<bool> AccountHandle::finishRemovals() {
  std::vector<MailboxNo> dying;
  {
    PH_TRY(const auto snapshot, domain().snapshot());
    PH_TRY(const auto user, readUser(*snapshot));
    if (user.dying == 0) return false;
    PH_CHECK(snapshot->scan(key::of('M'), key::after(key::of('M')), [&](View at, View value) {
      const auto record = MailboxRecord::decode(value);
      if (record.ok() && record.value().dying) dying.push_back(getBe<std::uint32_t>(at, 1));
      return true;
    }));
  }
  for (const MailboxNo number : dying) PH_CHECK(buryMailbox(*this, number));
  return !dying.empty();
}

Status AccountHandle::rename(View from, View to) {
  PH_TRY(const auto source, normalName(from));
  PH_TRY(const auto target, normalName(to));
  PH_CHECK(checkNewName(target));
  if (ascii::startsWith(target, source + "/") && View(target).substr(0, source.size()) == source)
    return makeError(Errc::Invalid, "store: a mailbox cannot be renamed into itself");
  const std::uint32_t now = secondsNow(*this);
  const auto done = commitSome(*this, Sync::Durable, [&](Edit& edit) {
    return source == kInbox ? renameInbox(edit, target, now) : renameAll(edit, source, target, now);
  });
  if (!done.ok()) return done.error();
  tellFolder(*this, events::EventType::RenameFolder, target, source, nullptr);
  return {};
}

Status AccountHandle::subscribe(View name, bool on) {
  PH_TRY(const auto normal, normalName(name));
  const auto done = commitSome(*this, Sync::Durable, [&](Edit& edit) -> Status {
    const Bytes at = nameKey('S', normal);
    if (edit.batch().get(at).ok() == on) return nothingToDo();
    PH_CHECK(on ? edit.batch().put(at, {}) : edit.batch().erase(at));
    PH_TRY(UserRecord * user, edit.user());
    ++user->modseq;
    PH_TRY(const auto number, lookUp(edit, normal));
    if (!number) return {};
    PH_TRY(MailboxRecord * record, edit.mailbox(*number));
    return noteListChange(edit, *user, *number, *record, ListChange::Kind::Subscribed);
  });
  return done.ok() ? Status() : Status(done.error());
}

Status AccountHandle::setSpecialUse(View name, SpecialUse use) {
  PH_TRY(const auto normal, normalName(name));
  const auto done = commitSome(*this, Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const auto number, lookUp(edit, normal));
    if (!number) return missing();
    PH_TRY(UserRecord * user, edit.user());
    PH_TRY(MailboxRecord * record, edit.mailbox(*number));
    ++user->modseq;
    record->specialUse = use & kUseKnown;
    return noteListChange(edit, *user, *number, *record, ListChange::Kind::Changed);
  });
  return done.ok() ? Status() : Status(done.error());
}

}  // namespace posthorn::store
