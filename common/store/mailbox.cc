// SPDX-License-Identifier: Apache-2.0
#include "common/store/mailbox.h"

#include <algorithm>
#include <bit>

#include "common/store/body.h"
#include "common/store/ops.h"
#include "common/store/reader.h"
#include "common/store/trail.h"

namespace posthorn::store {

MailboxStatus statusOf(MailboxNo number, const MailboxRecord& record) {
  MailboxStatus status;
  status.number = number;
  status.mailboxId = record.mailboxId;
  status.uidValidity = record.uidValidity;
  status.uidNext = record.uidNext;
  status.highestModseq = record.highestModseq;
  status.messages = record.messages;
  status.unseen = record.unseen;
  status.deleted = record.deleted;
  status.bytes = record.bytes;
  status.specialUse = record.specialUse;
  return status;
}

MailboxHandle MailboxHandle::as(Reader reader) const {
  MailboxHandle his = *this;
  his.reader_ = std::make_shared<const Reader>(std::move(reader));
  return his;
}

Result<MailboxStatus> MailboxHandle::status() const {
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, *this));
  MailboxStatus status = statusOf(number_, record);
  if (reader_) {
    PH_TRY(status.unseen, unseenBy(*snapshot, number_, *reader_));
  }
  return status;
}

Result<std::vector<std::string>> MailboxHandle::keywords() const {
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_CHECK(readBox(*snapshot, *this));
  const auto value = snapshot->get(key::keywords(number_));
  if (!value.ok() && value.error().code == Errc::NotFound) return std::vector<std::string>();
  if (!value.ok()) return value.error();
  PH_TRY(auto table, KeywordTable::decode(value.value()));
  return std::move(table.names);
}

namespace {

/// Calls `row` with each hot block of a mailbox from `from` on until it says false.
Status eachHot(Snapshot& source, const MailboxHandle& box, std::uint32_t from,
               const std::function<bool(std::uint32_t number, const HotBlock& block)>& row) {
  const MailboxNo mailbox = box.number();
  ReaderSeen seen(source, mailbox, box.reader());
  Status broken;
  PH_CHECK(source.scan(key::hot(mailbox, from), key::after(key::of('H', mailbox)), [&](View at, View value) {
    const auto number = getBe<std::uint32_t>(at, 5);
    auto block = HotBlock::decode(value);
    broken = block.ok() ? seen.apply(number, *block) : Status(block.error());
    return broken.ok() && row(number, block.value());
  }));
  return broken;
}

/// Fills the facts of rows, which are sorted by UID.
Status fillFacts(Snapshot& source, MailboxNo mailbox, std::vector<MessageRow>& rows) {
  ColdBlock block;
  std::uint32_t number = 0;
  bool loaded = false;
  for (MessageRow& row : rows) {
    if (!loaded || row.uid >> kColdShift != number) {
      number = row.uid >> kColdShift;
      PH_TRY(const auto value, source.get(key::cold(mailbox, number)));
      PH_TRY(block, ColdBlock::decode(value));
      loaded = true;
    }
    if (!block.has(row.uid % kColdUids))
      return makeError(Errc::Corrupt, "store: a message has flags but no facts");
    row.facts = block.entries.at(row.uid % kColdUids).facts;
  }
  return {};
}

}  // namespace

Result<MessageWindow> MailboxHandle::messages(Uid from, std::size_t limit) const {
  limit = std::clamp<std::size_t>(limit, 1, kMaxWindow);
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, *this));
  MessageWindow window;
  window.modseq = record.highestModseq;
  PH_CHECK(eachHot(*snapshot, *this, from >> kHotShift, [&](std::uint32_t number, const HotBlock& block) {
    for (std::uint64_t bits = block.present; bits != 0; bits &= bits - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(bits));
      const Uid uid = (number << kHotShift) + at;
      if (uid < from) continue;
      if (window.rows.size() == limit) {
        window.next = uid;
        return false;
      }
      const HotBlock::Entry& entry = block.entries.at(at);
      window.rows.push_back({uid, entry.modseq, entry.flags, entry.keywords, {}});
    }
    return true;
  }));
  PH_CHECK(fillFacts(*snapshot, number_, window.rows));
  return window;
}

Result<std::vector<Uid>> MailboxHandle::uids() const {
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, *this));
  std::vector<Uid> uids;
  uids.reserve(record.messages);
  PH_CHECK(snapshot->scan(key::hot(number_, 0), key::after(key::of('H', number_)), [&](View at, View value) {
    const Uid first = getBe<std::uint32_t>(at, 5) << kHotShift;
    for (std::uint64_t bits = getLe<std::uint64_t>(value, 8); bits != 0; bits &= bits - 1)
      uids.push_back(first + static_cast<Uid>(std::countr_zero(bits)));
    return true;
  }));
  return uids;
}

Result<Changes> MailboxHandle::changesSince(Modseq since) const {
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, *this));
  Changes changes;
  changes.modseq = record.highestModseq;
  changes.goneComplete = since >= record.tombstoneFloor;
  if (record.highestModseq <= since) return changes;
  Status broken;
  ReaderSeen seen(*snapshot, number_, reader_.get());
  const auto hot = [&](View at, View value) {
    const auto number = getBe<std::uint32_t>(at, 5);
    const auto newest = seen.maxModseq(number, getLe<std::uint64_t>(value, 0));
    if (newest.ok() && *newest <= since) return true;  // nothing in it is newer
    auto block = HotBlock::decode(value);
    broken = !newest.ok() ? Status(newest.error())
             : block.ok() ? seen.apply(number, *block)
                          : Status(block.error());
    for (unsigned i = 0; broken.ok() && i < kHotUids; ++i) {
      const HotBlock::Entry& entry = block.value().entries.at(i);
      if (!block.value().has(i) || entry.modseq <= since) continue;
      const Uid uid = (number << kHotShift) + i;
      changes.changed.push_back({uid, entry.modseq, entry.flags, entry.keywords});
    }
    return broken.ok();
  };
  BlockRange blocks{0, 0xFFFF'FFFFU};
  if (const Trail* trail = account_.trail()) {
    const auto known = trail->between(account_.id(), record.mailboxId, since, record.highestModseq);
    if (known) blocks = *known;
  }
  if (!blocks.empty())
    PH_CHECK(
        snapshot->scan(key::hot(number_, blocks.first), key::after(key::hot(number_, blocks.last)), hot));
  PH_CHECK(broken);
  PH_CHECK(snapshot->scan(key::tombstones(number_, since + 1), key::after(key::of('T', number_)),
                          [&](View at, View value) {
                            broken = decodeTombstones(value, getBe<std::uint64_t>(at, 5), &changes.gone);
                            return broken.ok();
                          }));
  PH_CHECK(broken);
  return changes;
}

Result<MessageBody> MailboxHandle::body(Uid uid) const {
  ColdEntry entry;
  {
    PH_TRY(const auto snapshot, account_.domain().snapshot());
    PH_CHECK(readBox(*snapshot, *this));
    const auto value = snapshot->get(key::cold(number_, uid >> kColdShift));
    if (!value.ok() && value.error().code != Errc::NotFound) return value.error();
    if (!value.ok()) return makeError(Errc::NotFound, "store: no such message");
    PH_TRY(const auto block, ColdBlock::decode(value.value()));
    if (!block.has(uid % kColdUids)) return makeError(Errc::NotFound, "store: no such message");
    entry = block.entries.at(uid % kColdUids);
  }
  return readBody(account_.domain(), entry);
}

}  // namespace posthorn::store
