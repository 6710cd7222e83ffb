// SPDX-License-Identifier: Apache-2.0
#include "common/store/maildrop.h"

#include <algorithm>
#include <bit>
#include <cerrno>

#include <fcntl.h>

#include "common/store/body.h"
#include "common/store/names.h"
#include "common/store/ops.h"

namespace posthorn::store {

// One file for all accounts of the instance: each account is one octet of it, at the hash of its id, so that
// nothing is left behind and nothing has to be cleaned up.
Result<MaildropLock> MaildropLock::take(const AccountHandle& account) {
  const std::string& path = account.options().lockFile;
  if (path.empty()) return makeError(Errc::Unsupported, "store: there is no lock file for maildrops");
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errnoError("store: open " + path);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(stableHash(account.id()) >> 2);
  lock.l_len = 1;
  if (::fcntl(fd.get(), F_OFD_SETLK, &lock) == 0) return MaildropLock(std::move(fd));
  if (errno == EAGAIN || errno == EACCES)
    return Error{Errc::Busy, "store: another session has the maildrop", "Maildrop is in use"};
  return errnoError("store: lock " + path);
}

namespace {

/// The imported UIDL of a message; NotFound when it has none.
Result<std::string> importedUidl(Snapshot& source, MailboxNo mailbox, Uid uid) {
  PH_TRY(const auto value, source.get(key::uidls(mailbox, uid >> kColdShift)));
  PH_TRY(const auto block, UidlBlock::decode(value));
  const std::string* uidl = block.find(static_cast<std::uint8_t>(uid % kColdUids));
  if (uidl == nullptr) return makeError(Errc::NotFound, "store: no imported UIDL");
  return *uidl;
}

std::string plainUidl(const Id128& emailId) {
  return emailId.hex();
}

}  // namespace

Result<Maildrop> Maildrop::open(const AccountHandle& account) {
  PH_TRY(auto inbox, account.mailbox(kInbox));
  const MailboxNo number = inbox.number();
  Maildrop drop(std::move(inbox));
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, drop.inbox_));
  drop.uids_.reserve(record.messages);
  drop.sizes_.reserve(record.messages);
  drop.emailIds_.reserve(record.messages);
  drop.blobs_.reserve(record.messages);
  std::vector<std::uint32_t> imported;
  Status broken;
  const auto row = [&](View at, View value) {
    const auto columns = ColdColumns::of(value);
    if (!columns.ok()) broken = columns.error();
    if (!columns.ok()) return false;
    const Uid first = getBe<std::uint32_t>(at, 5) << kColdShift;
    std::size_t place = 0;
    for (unsigned bits = columns.value().present(); bits != 0; bits &= bits - 1, ++place) {
      const Uid uid = first + static_cast<Uid>(std::countr_zero(bits));
      const auto index = static_cast<std::uint32_t>(drop.uids_.size());
      drop.uids_.push_back(uid);
      drop.sizes_.push_back(columns.value().size(place));
      drop.emailIds_.push_back(columns.value().emailId(place));
      drop.blobs_.push_back(columns.value().blob(place));
      drop.octets_ += drop.sizes_.back();
      if (!columns.value().otherUidl(place)) continue;
      if (columns.value().importedUidl(place)) imported.push_back(index);
      drop.otherUidls_.emplace_back(index, plainUidl(drop.emailIds_.back()) + "-" + std::to_string(uid));
    }
    return true;
  };
  PH_CHECK(snapshot->scan(key::cold(number, 0), key::after(key::of('C', number)), row));
  PH_CHECK(broken);
  for (const auto index : imported) {
    const auto at =
        std::lower_bound(drop.otherUidls_.begin(), drop.otherUidls_.end(), index,
                         [](const auto& entry, std::uint32_t value) { return entry.first < value; });
    PH_TRY(at->second, importedUidl(*snapshot, number, drop.uids_[index]));
  }
  return drop;
}

std::string Maildrop::uidl(std::size_t index) const {
  const auto other =
      std::lower_bound(otherUidls_.begin(), otherUidls_.end(), index,
                       [](const auto& entry, std::size_t value) { return entry.first < value; });
  if (other != otherUidls_.end() && other->first == index) return other->second;
  return plainUidl(emailIds_[index]);
}

Result<MessageBody> Maildrop::read(std::size_t index) const {
  auto body = inbox_.body(uids_[index]);
  if (body.ok()) return body;
  const bool gone = body.error().code == Errc::NotFound || body.error().code == Errc::Conflict;
  if (!gone) return body;
  // Expunged meanwhile: what the session saw when it began may still be in its place.
  auto kept = readBody(inbox_.account().domain(), blobs_[index]);
  if (kept.ok() && kept.value().size == sizes_[index]) return kept;
  return Error{Errc::NotFound, "store: the message was expunged", "Message was removed by another session"};
}

Result<ExpungeResult> Maildrop::expunge(std::span<const std::uint32_t> indexes) {
  ExpungeResult gone;
  PH_CHECK(expunge(indexes, gone));
  return gone;
}

Status Maildrop::expunge(std::span<const std::uint32_t> indexes, ExpungeResult& gone) {
  std::vector<Uid> uids;
  uids.reserve(indexes.size());
  for (const auto index : indexes)
    if (index < uids_.size()) uids.push_back(uids_[index]);
  std::sort(uids.begin(), uids.end());
  return inbox_.expunge(UidSet::of(uids), false, gone);
}

}  // namespace posthorn::store
