// SPDX-License-Identifier: Apache-2.0
#include "common/store/import.h"

#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

Id128 idOf(unsigned number) {
  Id128 id;
  id.raw[0] = 0x77;
  id.raw[14] = static_cast<std::uint8_t>(number >> 8);
  id.raw[15] = static_cast<std::uint8_t>(number);
  return id;
}

MessageWriter old(const AccountHandle& account, unsigned number, View uidl = {},
                  std::vector<std::string> keywords = {}, SystemFlags flags = 0) {
  auto writer = must(importedMessage(account, 0, idOf(number)));
  must(writer.write("Subject: " + std::to_string(number) + "\n\nold text\n"));
  if (!uidl.empty()) must(writer.importUidl(uidl));
  must(writer.finish({1'600'000'000 + number, -120}, flags, std::move(keywords)));
  return writer;
}

std::vector<MessageWriter> many(const AccountHandle& account, unsigned from, unsigned to) {
  std::vector<MessageWriter> messages;
  for (unsigned i = from; i <= to; ++i) messages.push_back(old(account, i));
  return messages;
}

ImportResult import(const MailboxHandle& box, std::vector<MessageWriter> messages,
                    const std::vector<Uid>& uids = {}) {
  return must(importMessages(box, messages, uids));
}

template <typename T>
std::vector<T> listOf(std::initializer_list<T> values) {
  return values;
}

}  // namespace

TEST_CASE("imported messages keep UIDs, UIDVALIDITY, UIDL, date, flags and EMAILID") {
  World world(anyEngine());
  auto box = must(adoptUidValidity(world.account, "INBOX", 1'234'567));
  CHECK(box.uidValidity() == 1'234'567);
  CHECK(must(world.box().status()).uidValidity == 1'234'567);
  std::vector<MessageWriter> messages;
  messages.push_back(old(world.account, 1, "UID7-1", {"$Forwarded", "Work"}, kSeen | kFlagged));
  messages.push_back(old(world.account, 2, "000000081"));
  const auto done = import(box, std::move(messages), {7, 4'000'000});
  CHECK(done.uids == listOf<Uid>({7, 4'000'000}));
  CHECK(done.uidValidity == 1'234'567);
  must(raiseUidNext(box, 5'000'000));
  must(raiseUidNext(box, 4'999'999));
  CHECK(must(box.status()).uidNext == 5'000'000);
  CHECK(append(box, "a: b\n\n") == 5'000'000);
  const auto rows = rowsOf(box);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].flags == (kSeen | kFlagged));
  CHECK(rows[0].facts.internalDate == ZonedTime{1'600'000'001, -120});
  CHECK(rows[0].facts.emailId == idOf(1));
  CHECK(must(box.keywords()) == listOf<std::string>({"$Forwarded", "Work"}));
  CHECK(rows[0].keywords == 3);
  CHECK(textOf(box, 7) == "Subject: 1\r\n\r\nold text\r\n");
  const auto drop = must(Maildrop::open(world.account));
  CHECK(drop.uidl(0) == "UID7-1");
  CHECK(drop.uidl(1) == "000000081");
  world.sound();
}

TEST_CASE("a UID is never given twice, whatever an import asks for") {
  World world(anyEngine());
  auto box = world.box();
  append(box, "a: b\n\n");
  append(box, "a: c\n\n");
  auto messages = many(world.account, 1, 2);
  CHECK(codeOf(importMessages(box, messages, listOf<Uid>({2, 3}))) == Errc::Conflict);
  CHECK(codeOf(importMessages(box, messages, listOf<Uid>({4, 4}))) == Errc::Invalid);
  CHECK(codeOf(importMessages(box, messages, listOf<Uid>({0, 4}))) == Errc::Invalid);
  CHECK(codeOf(importMessages(box, messages, listOf<Uid>({4, 0xFFFF'FFFF}))) == Errc::Invalid);
  CHECK(codeOf(importMessages(box, messages, listOf<Uid>({4}))) == Errc::Invalid);
  CHECK(codeOf(importMessages(box, {}, {})) == Errc::Invalid);
  CHECK(must(box.status()).messages == 2);
  CHECK(must(importMessages(box, messages, {})).uids == listOf<Uid>({3, 4}));
  world.sound();
}

TEST_CASE("what was imported once is not imported again, wherever it is now") {
  World world(anyEngine());
  auto box = world.box();
  import(box, many(world.account, 1, 4), {1, 2, 3, 9});
  auto work = must(world.account.create("Work")).number;
  CHECK(work != 0);
  must(box.move(one(2), world.box("Work")));
  must(box.expunge(one(3), false));
  const std::vector<Id128> ids = {idOf(1), idOf(2), idOf(3), idOf(4), idOf(5)};
  const auto found = must(known(box, ids));
  std::vector<std::pair<bool, Uid>> seen;
  for (const auto& one : found) seen.emplace_back(one.known, one.uid);
  CHECK(seen == std::vector<std::pair<bool, Uid>>({{true, 1}, {true, 0}, {true, 0}, {true, 9}, {false, 0}}));
  const auto again = import(box, many(world.account, 1, 2));
  CHECK(again.taken == 2);
  CHECK(again.present == 2);
  CHECK(again.uids == listOf<Uid>({0, 0}));
  CHECK(must(box.status()).messages == 2);
  must(world.account.remove("Work"));
  CHECK(must(known(box, ids)).at(1).known);  // its tombstone is here
  CHECK(import(box, many(world.account, 2, 2)).present == 0);
  world.sound();
}

TEST_CASE("only a mailbox that never had a message takes a UIDVALIDITY from elsewhere") {
  World world(anyEngine());
  append(world.box(), "a: b\n\n");
  CHECK(codeOf(adoptUidValidity(world.account, "INBOX", 77)) == Errc::Conflict);
  must(world.box().expunge(UidSet::all(), false));
  CHECK(codeOf(adoptUidValidity(world.account, "INBOX", 77)) == Errc::Conflict);
  must(world.account.create("Work"));
  CHECK(codeOf(adoptUidValidity(world.account, "Work", 0)) == Errc::Invalid);
  CHECK(codeOf(adoptUidValidity(world.account, "Work", 0xF000'0001)) == Errc::Invalid);
  CHECK(codeOf(adoptUidValidity(world.account, "None", 77)) == Errc::NotFound);
  must(adoptUidValidity(world.account, "Work", 0xF000'0000));
  const auto later = must(world.account.create("Later"));
  CHECK(later.uidValidity > 0xF000'0000);
  world.sound();
}

TEST_CASE("a name never gets a UIDVALIDITY again that it had with other messages") {
  World world(anyEngine());
  must(world.account.create("A"));
  must(world.account.create("B"));
  // Courier gives folders that are opened in the same second the same number.
  auto a = must(adoptUidValidity(world.account, "A", 88));
  import(a, many(world.account, 1, 1), {5});
  auto b = must(adoptUidValidity(world.account, "B", 88));
  import(b, many(world.account, 2, 2), {5});
  must(world.account.remove("A"));
  must(world.account.rename("B", "A"));
  CHECK(must(world.box("A").status()).uidValidity > 88);
  CHECK(codeOf(b.status()) == Errc::Conflict);
  must(world.account.create("C"));
  must(adoptUidValidity(world.account, "C", 88));
  must(world.account.remove("C"));
  must(world.account.create("C"));
  CHECK(codeOf(adoptUidValidity(world.account, "C", 88)) == Errc::Exists);
  world.sound();
}

TEST_CASE("INBOX keeps its UIDVALIDITY when it gives its messages away") {
  World world(anyEngine());
  auto inbox = must(adoptUidValidity(world.account, "INBOX", 99));
  import(inbox, many(world.account, 1, 3), {1, 2, 3});
  must(world.account.rename("INBOX", "Old"));
  CHECK(must(world.box().status()).uidValidity == 99);
  CHECK(must(world.box().status()).uidNext == 4);
  CHECK(must(world.box("Old").status()).uidValidity > 99);
  must(world.account.rename("Old", "Older"));
  CHECK(must(world.box("Older").status()).messages == 3);
  world.sound();
}

TEST_CASE("a renewed UIDVALIDITY is higher than all others") {
  World world(anyEngine());
  const auto before = must(world.box().status());
  const auto other = must(world.account.create("Other"));
  const auto fresh = must(renewUidValidity(world.box()));
  CHECK(fresh.uidValidity() > before.uidValidity);
  CHECK(fresh.uidValidity() > other.uidValidity);
  CHECK(must(fresh.status()).uidNext == before.uidNext);
  world.sound();
}

TEST_CASE("an import takes what fits into one commit, however far apart the UIDs are") {
  World world(anyEngine());
  auto box = world.box();
  auto messages = many(world.account, 1, kMaxAppend);
  std::vector<Uid> uids;
  for (std::size_t i = 0; i < messages.size(); ++i) uids.push_back(static_cast<Uid>(1 + i * 1000));
  std::size_t at = 0;
  std::size_t commits = 0;
  for (; at < messages.size(); ++commits) {
    const auto done = must(importMessages(box, std::span(messages).subspan(at), std::span(uids).subspan(at)));
    REQUIRE(done.taken > 0);
    at += done.taken;
  }
  CHECK(commits > 1);
  CHECK(must(box.uids()) == uids);
  world.sound();
}

TEST_CASE("keywords beyond those that a mailbox can have are counted, not fatal") {
  World world(anyEngine());
  std::vector<std::string> names;
  for (int i = 0; i < 66; ++i) names.push_back("k" + std::to_string(i));
  std::vector<MessageWriter> messages;
  messages.push_back(old(world.account, 1, {}, names));
  const auto done = import(world.box(), std::move(messages), {3});
  CHECK(done.keywordsDropped == 2);
  CHECK(must(world.box().keywords()).size() == 64);
  world.sound();
}

TEST_CASE("imported messages may be larger than new ones, and go beyond the quota") {
  Options options;
  options.maxMessageSize = 10;
  World world(anyEngine(), options, {20, 1});
  CHECK(import(world.box(), many(world.account, 1, 3), {1, 2, 3}).taken == 3);
  CHECK(must(world.account.used()).messages == 3);
  world.sound();
}
