// SPDX-License-Identifier: Apache-2.0
#include "common/store/acl.h"

#include <algorithm>
#include <map>

#include "common/store/body.h"
#include "common/store/names.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

Result<Acl> readAcl(Snapshot& from, MailboxNo mailbox) {
  const auto value = from.get(key::acl(mailbox));
  if (!value.ok() && value.error().code == Errc::NotFound) return Acl();
  if (!value.ok()) return value.error();
  return decodeAcl(value.value());
}

/// The rights on each mailbox that has a list.
Result<std::map<MailboxNo, Rights>> listedRights(Snapshot& from, View owner, const Identity& who) {
  std::map<MailboxNo, Rights> rights;
  Status broken;
  PH_CHECK(from.scan(key::of('A'), key::after(key::of('A')), [&](View at, View value) {
    const auto acl = decodeAcl(value);
    if (!acl.ok()) broken = acl.error();
    const Rights his = acl.ok() ? rightsOf(who, owner, *acl) : 0;
    if (his != 0) rights.emplace(getBe<std::uint32_t>(at, 1), his);
    return broken.ok();
  }));
  PH_CHECK(broken);
  return rights;
}

}  // namespace

Result<Acl> aclOf(const MailboxHandle& box) {
  PH_TRY(const auto snapshot, box.account().domain().snapshot());
  PH_CHECK(readBox(*snapshot, box));
  return readAcl(*snapshot, box.number());
}

Result<Rights> rightsOn(const MailboxHandle& box, const Identity& who) {
  const std::string& owner = box.account().id();
  if (who.admin || who.id == owner) return kAllRights;
  PH_TRY(const Acl acl, aclOf(box));
  return rightsOf(who, owner, acl);
}

Status setAcl(const MailboxHandle& box, const AclChange& change) {
  const auto done = commitSome(box.account(), Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const OpenBox open, openBox(edit, box));
    PH_TRY(const Acl before, readAcl(edit.batch(), open.number));
    Acl after = before;
    PH_CHECK(changeAcl(after, change));
    if (after == before) return nothingToDo();
    PH_TRY(auto* slot, edit.raw(key::acl(open.number)));
    slot->value = encodeAcl(after);
    edit.touch(slot);
    ++open.user->modseq;
    return noteListChange(edit, *open.user, open.number, *open.record, ListChange::Kind::Changed);
  });
  return done.ok() ? Status() : Status(done.error());
}

namespace {

bool names(const Acl& acl, View who) {
  return std::any_of(acl.begin(), acl.end(), [&](const AclEntry& entry) { return entry.identifier == who; });
}

/// The mailboxes whose lists have `who`.
Result<std::vector<MailboxNo>> listsWith(Snapshot& from, View who) {
  std::vector<MailboxNo> found;
  Status broken;
  PH_CHECK(from.scan(key::of('A'), key::after(key::of('A')), [&](View at, View value) {
    const auto acl = decodeAcl(value);
    if (!acl.ok()) broken = acl.error();
    if (acl.ok() && names(*acl, who)) found.push_back(getBe<std::uint32_t>(at, 1));
    return broken.ok();
  }));
  PH_CHECK(broken);
  return found;
}

}  // namespace

Result<std::size_t> revokeAll(const AccountHandle& account, View who) {
  {
    PH_TRY(const auto snapshot, account.domain().snapshot());
    PH_TRY(const auto lists, listsWith(*snapshot, who));
    if (lists.empty()) return std::size_t{0};
  }
  std::size_t count = 0;
  const auto done = commitSome(account, Sync::Durable, [&](Edit& edit) -> Status {
    PH_TRY(const auto lists, listsWith(edit.batch(), who));
    count = lists.size();
    if (lists.empty()) return nothingToDo();
    PH_TRY(UserRecord * user, edit.user());
    for (const MailboxNo number : lists) {
      PH_TRY(auto* slot, edit.raw(key::acl(number)));
      PH_TRY(Acl acl, decodeAcl(slot->value));
      std::erase_if(acl, [&](const AclEntry& entry) { return entry.identifier == who; });
      slot->value = acl.empty() ? Bytes() : encodeAcl(acl);
      edit.touch(slot);
      PH_TRY(MailboxRecord * record, edit.mailbox(number));
      ++user->modseq;
      PH_CHECK(noteListChange(edit, *user, number, *record, ListChange::Kind::Changed));
    }
    return {};
  });
  if (!done.ok()) return done.error();
  return count;
}

Result<std::vector<VisibleMailbox>> visibleTo(const AccountHandle& account, const Identity& who) {
  std::vector<VisibleMailbox> visible;
  const bool all = who.admin || who.id == account.id();
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_TRY(const auto listed, listedRights(*snapshot, account.id(), who));
  if (listed.empty() && !all) return visible;
  Status broken;
  PH_CHECK(snapshot->scan(key::of('N'), key::after(key::of('N')), [&](View at, View value) {
    const auto number = decodeNumber(value);
    if (!number.ok()) broken = number.error();
    if (!number.ok()) return false;
    const auto found = listed.find(*number);
    if (!all && found == listed.end()) return true;
    VisibleMailbox one;
    one.name = nameOfKey(at);
    one.rights = all ? kAllRights : found->second;
    one.status.number = *number;
    visible.push_back(std::move(one));
    return true;
  }));
  PH_CHECK(broken);
  for (VisibleMailbox& one : visible) {
    PH_TRY(const auto value, snapshot->get(key::mailbox(one.status.number)));
    PH_TRY(const auto record, MailboxRecord::decode(value));
    one.status = statusOf(one.status.number, record);
  }
  return visible;
}

Status noteSharer(const AccountHandle& account, View owner, bool shares) {
  const Bytes at = key::sharer(owner);
  {
    PH_TRY(const auto snapshot, account.domain().snapshot());
    if (snapshot->get(at).ok() == shares) return {};
  }
  const auto done = commitSome(account, Sync::Durable, [&](Edit& edit) -> Status {
    if (edit.batch().get(at).ok() == shares) return nothingToDo();
    return shares ? edit.batch().put(at, {}) : edit.batch().erase(at);
  });
  return done.ok() ? Status() : Status(done.error());
}

Result<std::vector<std::string>> sharersOf(const AccountHandle& account) {
  std::vector<std::string> owners;
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_CHECK(snapshot->scan(key::of('I'), key::after(key::of('I')), [&](View at, View) {
    owners.emplace_back(at.substr(1));
    return true;
  }));
  return owners;
}

}  // namespace posthorn::store
