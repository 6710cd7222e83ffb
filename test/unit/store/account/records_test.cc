// SPDX-License-Identifier: Apache-2.0
#include "common/store/records.h"

#include <random>

#include "common/store/blocks.h"
#include "common/store/hash_index.h"
#include "common/store/message_record.h"
#include "common/store/schema.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using store::test::must;

namespace {

HotBlock someHot() {
  HotBlock block;
  block.set(0, {7, kSeen, 3});
  block.set(63, {9, kDeleted | kFlagged, 0});
  block.set(17, {8, 0, 1ULL << 63});
  return block;
}

ColdEntry someCold(std::uint32_t size) {
  ColdEntry entry;
  entry.facts.emailId = Id128::random();
  entry.facts.threadId = 42;
  entry.facts.size = size;
  entry.facts.headerLength = size / 2;
  entry.facts.lines = 3;
  entry.facts.internalDate = {-5, -90};
  entry.facts.saveDate = 1234567890123;
  entry.facts.createdModseq = 11;
  entry.facts.dotLines = false;
  entry.facts.eightBit = true;
  entry.blob = {3, 1ULL << 40, size + kBodyOffset + kFooterSize, 0xDEADBEEF};
  entry.bodyOffset = kBodyOffset;
  entry.shared = true;
  return entry;
}

}  // namespace

TEST_CASE("records come back as they were written") {
  UserRecord user;
  user.schema = kSchemaVersion;
  user.nextMailbox = 5;
  user.modseq = 77;
  user.used = {1ULL << 40, 12};
  user.dying = 2;
  user.emailIds = {3, 1, 30};
  user.threads = {9, 8, 7};
  user.idSecret = 0xFEDCBA9876543210ULL;
  CHECK(must(UserRecord::decode(user.encode())) == user);

  MailboxRecord box;
  box.uidValidity = 5;
  box.uidNext = 10;
  box.messages = 4;
  box.unseen = 3;
  box.deleted = 4;
  box.bytes = 99;
  box.mailboxId = Id128::random();
  box.specialUse = kUseSent;
  box.dying = true;
  CHECK(must(MailboxRecord::decode(box.encode())) == box);

  KeywordTable table;
  table.names = {"$Junk", "", "Work"};
  CHECK(must(KeywordTable::decode(table.encode())).names == table.names);
  CHECK(table.find("$JUNK") == 0U);
  CHECK_FALSE(table.find("none"));

  UidlBlock uidls;
  uidls.put(9, "abc");
  uidls.put(2, "x");
  CHECK(must(UidlBlock::decode(uidls.encode())).uidls == uidls.uidls);
  CHECK(*uidls.find(9) == "abc");

  std::vector<Tombstone> tombstones{{3, Id128::random(), 8}, {4, Id128::random(), 8}};
  std::vector<Tombstone> read;
  must(decodeTombstones(encodeTombstones(tombstones), 8, &read));
  CHECK(read == tombstones);
}

TEST_CASE("a newer schema is refused, not guessed at") {
  UserRecord user;
  user.schema = kSchemaVersion + 1;
  CHECK(store::test::codeOf(UserRecord::decode(user.encode())) == Errc::Unsupported);
}

TEST_CASE("blocks come back as they were written, and stay small") {
  const HotBlock hot = someHot();
  CHECK(must(HotBlock::decode(hot.encode())) == hot);
  CHECK(hot.maxModseq == 9);
  CHECK(hot.seen == 1);

  ColdBlock cold;
  cold.set(0, someCold(100));
  cold.set(15, someCold(7));
  const auto read = must(ColdBlock::decode(cold.encode()));
  CHECK(read.present == cold.present);
  CHECK(read.entries == cold.entries);
  CHECK(cold.encode().size() == 2 + 2 * ColdBlock::kEntrySize);
  CHECK(ColdBlock::kMaxSize <= 2000);
  CHECK(HotBlock::kMaxSize <= 2000);

  const Bytes raw = cold.encode();
  const auto columns = must(ColdColumns::of(raw));
  CHECK(columns.emailId(1) == cold.entries[15].facts.emailId);
  CHECK(columns.size(1) == 7);
  CHECK(columns.blob(1) == cold.entries[15].blob);
  CHECK_FALSE(columns.otherUidl(1));
}

TEST_CASE("a message record tells its body's place and refuses what does not add up") {
  MessageRecord record;
  record.facts = someCold(500).facts;
  record.flags = kSeen;
  const Bytes header = encodeMessageHeader(record.facts.emailId);
  const Bytes footer = encodeMessageFooter(record);
  const auto read = must(decodeMessageRecord(header, footer, kBodyOffset + 500 + kFooterSize));
  CHECK(read.facts.emailId == record.facts.emailId);
  CHECK(read.facts.internalDate == record.facts.internalDate);
  CHECK(read.facts.size == 500);
  CHECK(read.flags == kSeen);
  CHECK_FALSE(decodeMessageRecord(header, footer, kBodyOffset + 501 + kFooterSize).ok());
  const Bytes other = encodeMessageHeader(Id128::random());
  CHECK_FALSE(decodeMessageRecord(other, footer, kBodyOffset + 500 + kFooterSize).ok());
}

TEST_CASE("no garbage crashes a decoder, and what decodes encodes to the same octets") {
  std::mt19937_64 random(4711);  // NOLINT(bugprone-random-generator-seed): the same garbage every time
  std::vector<Bytes> seeds{someHot().encode(), UserRecord().encode(), Bytes(128, '\0'), Bytes()};
  ColdBlock cold;
  cold.set(3, someCold(100));
  seeds.push_back(cold.encode());
  MailboxRecord box;
  box.uidValidity = 1;
  seeds.push_back(box.encode());
  seeds.emplace_back("\x05$Junk\x00\x01x", 9);
  for (int round = 0; round < 20'000; ++round) {
    Bytes raw = seeds[random() % seeds.size()];
    for (int flips = static_cast<int>(random() % 4); flips > 0 && !raw.empty(); --flips)
      raw[random() % raw.size()] = static_cast<char>(random());
    if (random() % 4 == 0) raw.resize(random() % (raw.size() + 9));
    if (const auto hot = HotBlock::decode(raw); hot.ok()) CHECK(hot.value().encode() == raw);
    if (const auto block = ColdBlock::decode(raw); block.ok()) CHECK(block.value().encode() == raw);
    if (const auto user = UserRecord::decode(raw); user.ok())
      CHECK(user.value().encode().size() == raw.size());
    if (const auto mailbox = MailboxRecord::decode(raw); mailbox.ok())
      CHECK(mailbox.value().encode().size() == raw.size());
    if (const auto table = KeywordTable::decode(raw); table.ok()) CHECK(table.value().encode() == raw);
    if (const auto uidls = UidlBlock::decode(raw); uidls.ok()) CHECK(uidls.value().encode() == raw);
    std::vector<Tombstone> tombstones;
    (void)decodeTombstones(raw, 1, &tombstones);
    (void)decodeListChange(raw, raw);
    (void)HashIndex::decode(raw);
    (void)decodeMessageRecord(View(raw).substr(0, kBodyOffset), raw, raw.size());
  }
}

TEST_CASE("a UID set knows its members") {
  const UidSet set = UidSet::of(std::vector<UidRange>{{10, 5}, {11, 12}, {70, 70}, {200, 0xFFFFFFFFU}});
  CHECK(set.ranges() == std::vector<UidRange>{{5, 12}, {70, 70}, {200, 0xFFFFFFFFU}});
  for (const Uid uid : {5U, 12U, 70U, 200U, 0xFFFFFFFFU}) CHECK(set.contains(uid));
  for (const Uid uid : {4U, 13U, 69U, 199U}) CHECK_FALSE(set.contains(uid));
  CHECK(set.bitsOfBlock(0) == 0x1FE0U);
  CHECK(set.bitsOfBlock(1) == 0x40U);
  CHECK(set.bitsOfBlock(2) == 0);
  CHECK(set.bitsOfBlock(100) == ~std::uint64_t{0});
  CHECK(set.bitsOfBlock(0xFFFFFFFFU >> 6) == ~std::uint64_t{0});
  CHECK(UidSet::of(std::vector<Uid>{3, 4, 5, 9}).ranges() == std::vector<UidRange>{{3, 5}, {9, 9}});
}
