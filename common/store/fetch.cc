// SPDX-License-Identifier: Apache-2.0
// What IMAP reads of a mailbox: the opening view and windows of chosen messages.
#include <algorithm>
#include <bit>
#include <map>

#include "common/store/body.h"
#include "common/store/mailbox.h"
#include "common/store/ops.h"
#include "common/store/reader.h"

namespace posthorn::store {

namespace {

void addUid(std::vector<UidRange>& runs, Uid uid) {
  if (!runs.empty() && runs.back().last + 1 == uid) {
    runs.back().last = uid;
  } else {
    runs.push_back({uid, uid});
  }
}

Result<std::vector<std::string>> keywordNames(Snapshot& from, MailboxNo mailbox) {
  const auto value = from.get(key::keywords(mailbox));
  if (!value.ok() && value.error().code == Errc::NotFound) return std::vector<std::string>();
  if (!value.ok()) return value.error();
  PH_TRY(auto table, KeywordTable::decode(value.value()));
  return std::move(table.names);
}

/// The facts and places of rows, which are sorted by UID.
Status fillPlaces(Snapshot& source, MailboxNo mailbox, std::vector<FetchRow>& rows) {
  ColdBlock block;
  std::uint32_t number = 0;
  bool loaded = false;
  for (FetchRow& row : rows) {
    const Uid uid = row.message.uid;
    if (!loaded || uid >> kColdShift != number) {
      number = uid >> kColdShift;
      PH_TRY(const auto value, source.get(key::cold(mailbox, number)));
      PH_TRY(block, ColdBlock::decode(value));
      loaded = true;
    }
    if (!block.has(uid % kColdUids))
      return makeError(Errc::Corrupt, "store: a message has flags but no facts");
    const ColdEntry& entry = block.entries.at(uid % kColdUids);
    row.message.facts = entry.facts;
    row.blob = entry.blob;
    row.bodyOffset = entry.bodyOffset;
  }
  return {};
}

ColdEntry entryOf(const FetchRow& row) {
  ColdEntry entry;
  entry.facts = row.message.facts;
  entry.blob = row.blob;
  entry.bodyOffset = row.bodyOffset;
  return entry;
}

/// Reads hot blocks of chosen messages into a window.
class WindowReader {
 public:
  WindowReader(const UidSet& uids, Uid from, std::size_t limit, ReaderSeen& seen, FetchWindow& out)
      : uids_(uids), from_(from), limit_(limit), seen_(seen), out_(out) {}

  /// False: the window is full, or the block is broken.
  bool take(View at, View value) {
    const std::uint32_t number = getBe<std::uint32_t>(at, 5);
    const std::uint64_t wanted = uids_.bitsOfBlock(number) & getLe<std::uint64_t>(value, 8);
    if (wanted == 0) return true;
    auto block = HotBlock::decode(value);
    broken_ = block.ok() ? seen_.apply(number, *block) : Status(block.error());
    return broken_.ok() && takeBits(number, wanted, *block);
  }
  [[nodiscard]] const Status& broken() const { return broken_; }

 private:
  bool takeBits(std::uint32_t number, std::uint64_t bits, const HotBlock& block) {
    for (; bits != 0; bits &= bits - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(bits));
      const Uid uid = (number << kHotShift) + at;
      if (uid < from_) continue;
      if (out_.rows.size() == limit_) {
        out_.next = uid;
        return false;
      }
      const HotBlock::Entry& entry = block.entries.at(at);
      out_.rows.push_back({{uid, entry.modseq, entry.flags, entry.keywords, {}}, {}, 0});
    }
    return true;
  }

  const UidSet& uids_;
  Uid from_;
  std::size_t limit_;
  ReaderSeen& seen_;
  FetchWindow& out_;
  Status broken_;
};

}  // namespace

Result<MailboxOpening> MailboxHandle::open() const {
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, *this));
  MailboxOpening opening;
  opening.status = statusOf(number_, record);
  opening.recentUid = record.recentUid;
  PH_TRY(opening.keywords, keywordNames(*snapshot, number_));
  if (reader_) {
    PH_TRY(opening.status.unseen, unseenBy(*snapshot, number_, *reader_));
  }
  ReaderSeen his(*snapshot, number_, reader_.get());
  Status broken;
  PH_CHECK(snapshot->scan(key::hot(number_, 0), key::after(key::of('H', number_)), [&](View at, View value) {
    const Uid first = getBe<std::uint32_t>(at, 5) << kHotShift;
    const auto present = getLe<std::uint64_t>(value, 8);
    const auto seen = his.seen(first >> kHotShift, getLe<std::uint64_t>(value, 16));
    if (!seen.ok()) broken = seen.error();
    if (!seen.ok()) return false;
    const std::uint64_t unseen = present & ~*seen;
    if (opening.firstUnseen == 0 && unseen != 0)
      opening.firstUnseen = first + static_cast<Uid>(std::countr_zero(unseen));
    if (present == ~std::uint64_t{0} && !opening.uids.empty() && opening.uids.back().last + 1 == first) {
      opening.uids.back().last = first + kHotUids - 1;
      return true;
    }
    for (std::uint64_t bits = present; bits != 0; bits &= bits - 1)
      addUid(opening.uids, first + static_cast<Uid>(std::countr_zero(bits)));
    return true;
  }));
  PH_CHECK(broken);
  return opening;
}

Result<FetchWindow> MailboxHandle::window(const UidSet& uids, Uid from, Columns columns,
                                          std::size_t limit) const {
  limit = std::clamp<std::size_t>(limit, 1, kMaxWindow);
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, *this));
  FetchWindow window;
  window.modseq = record.highestModseq;
  ReaderSeen seen(*snapshot, number_, reader_.get());
  WindowReader reader(uids, from, limit, seen, window);
  std::uint32_t unread = from >> kHotShift;  // ranges that share a block come with the first of them
  for (const UidRange& range : uids.ranges()) {
    const std::uint32_t first = std::max(range.first >> kHotShift, unread);
    const std::uint32_t last = range.last >> kHotShift;
    if (last < first) continue;
    unread = last + 1;
    bool more = true;
    PH_CHECK(snapshot->scan(key::hot(number_, first), key::after(key::hot(number_, last)),
                            [&](View at, View value) { return more = reader.take(at, value); }));
    PH_CHECK(reader.broken());
    if (!more) break;
  }
  if (columns == Columns::Facts) PH_CHECK(fillPlaces(*snapshot, number_, window.rows));
  return window;
}

Result<MessageBody> MailboxHandle::body(const FetchRow& row) const {
  return readBody(account_.domain(), entryOf(row));
}

Result<Bytes> MailboxHandle::digest(const FetchRow& row) const {
  return readDigest(account_.domain(), entryOf(row));
}

Result<std::uint32_t> MailboxHandle::recent() const {
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_TRY(const auto record, readBox(*snapshot, *this));
  const auto set = UidSet::of(std::vector<UidRange>{{record.recentUid + 1, 0xFFFFFFFFU}});
  std::uint32_t count = 0;
  PH_CHECK(snapshot->scan(key::hot(number_, (record.recentUid + 1) >> kHotShift),
                          key::after(key::of('H', number_)), [&](View at, View value) {
                            const auto present = getLe<std::uint64_t>(value, 8);
                            const auto wanted = set.bitsOfBlock(getBe<std::uint32_t>(at, 5));
                            count += static_cast<std::uint32_t>(std::popcount(present & wanted));
                            return true;
                          }));
  return count;
}

Result<std::uint64_t> MailboxHandle::deletedOctets() const {
  PH_TRY(const auto snapshot, account_.domain().snapshot());
  PH_CHECK(readBox(*snapshot, *this));
  std::map<std::uint32_t, std::uint16_t> wanted;  // cold blocks, and which of their 16
  Status broken;
  PH_CHECK(snapshot->scan(key::of('H', number_), key::after(key::of('H', number_)), [&](View at, View value) {
    const auto block = HotBlock::decode(value);
    if (!block.ok()) broken = block.error();
    const std::uint64_t bits = block.ok() ? block->deleted : 0;
    for (std::uint32_t part = 0; part < kHotUids / kColdUids; ++part) {
      const auto some = static_cast<std::uint16_t>(bits >> (part * kColdUids));
      if (some != 0) wanted[(getBe<std::uint32_t>(at, 5) << (kHotShift - kColdShift)) + part] = some;
    }
    return broken.ok();
  }));
  PH_CHECK(broken);
  std::uint64_t octets = 0;
  for (const auto& [number, bits] : wanted) {
    PH_TRY(const auto value, snapshot->get(key::cold(number_, number)));
    PH_TRY(const auto block, ColdBlock::decode(value));
    for (unsigned i = 0; i < kColdUids; ++i)
      if ((bits >> i & 1U) != 0 && block.has(i)) octets += block.entries.at(i).facts.size;
  }
  return octets;
}

Status MailboxHandle::claimRecent(Uid uid) {
  const auto done = commitSome(account_, Sync::Visible, [&](Edit& edit) -> Status {
    PH_TRY(const OpenBox box, openBox(edit, *this));
    if (box.record->recentUid >= uid) return nothingToDo();
    box.record->recentUid = uid;
    return {};
  });
  return done.ok() ? Status() : Status(done.error());
}

}  // namespace posthorn::store
