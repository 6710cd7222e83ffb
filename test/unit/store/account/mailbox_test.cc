// SPDX-License-Identifier: Apache-2.0
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

FlagChange add(SystemFlags flags, std::vector<std::string> keywords = {}) {
  return {FlagChange::Mode::Add, flags, std::move(keywords), std::nullopt};
}

std::string mail(View id, View parent = {}) {
  std::string text = "Message-ID: <" + std::string(id) + "@x>\n";
  if (!parent.empty()) text += "In-Reply-To: <" + std::string(parent) + "@x>\n";
  return text + "Subject: " + std::string(id) + "\n\nbody of " + std::string(id) + "\n";
}

}  // namespace

TEST_CASE("a message comes back octet by octet, with its facts") {
  World world(anyEngine());
  auto inbox = world.box();
  const Uid uid = append(inbox, "A: b\n\n.dot\nend", kSeen, {"$Work"});
  CHECK(uid == 1);
  const auto body = must(inbox.body(uid));
  CHECK(textOf(body) == "A: b\r\n\r\n.dot\r\nend");
  CHECK(body.headerLength == 8);
  CHECK(body.dotLines);
  CHECK(body.lines == 3);
  const auto rows = rowsOf(inbox);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].flags == kSeen);
  CHECK(rows[0].keywords == 1);
  CHECK(rows[0].facts.size == 17);
  CHECK(rows[0].facts.internalDate == ZonedTime{1'700'000'000, 60});
  CHECK(must(inbox.keywords()) == std::vector<std::string>{"$Work"});
  const auto status = must(inbox.status());
  CHECK(status.messages == 1);
  CHECK(status.unseen == 0);
  CHECK(status.uidNext == 2);
  CHECK(status.bytes == 17);
  CHECK(must(world.account.used()) == QuotaUse{17, 1});
  CHECK(codeOf(inbox.body(2)) == Errc::NotFound);
  CHECK(codeOf(inbox.body(100)) == Errc::NotFound);
  world.sound();
}

TEST_CASE("a large message streams in and out") {
  World world(anyEngine());
  auto inbox = world.box();
  auto writer = must(world.account.message());
  std::string expected;
  must(writer.write("Subject: large\n\n"));
  expected = "Subject: large\r\n\r\n";
  for (int i = 0; i < 30'000; ++i) {
    const std::string line = "line " + std::to_string(i) + " of a message that is larger than any buffer\n";
    must(writer.write(line));
    expected += line.substr(0, line.size() - 1) + "\r\n";
  }
  must(writer.finish({}));
  must(inbox.append(writer));
  const auto body = must(inbox.body(1));
  CHECK(body.headerLength == 18);
  CHECK_FALSE(body.dotLines);
  CHECK(textOf(body) == expected);
  world.sound();
}

TEST_CASE("many messages go into one commit, all or none") {
  World world(anyEngine());
  auto inbox = world.box();
  std::vector<MessageWriter> messages;
  for (int i = 0; i < 100; ++i) messages.push_back(write(world.account, mail(std::to_string(i))));
  const auto before = must(world.account.modseq());
  const auto result = must(inbox.append(messages));
  CHECK(result.modseq == before + 1);
  CHECK(result.uids.size() == 100);
  CHECK(result.uids.front() == 1);
  CHECK(result.uids.back() == 100);
  CHECK(rowsOf(inbox).size() == 100);
  world.sound();

  std::vector<MessageWriter> some;
  some.push_back(write(world.account, mail("a")));
  some.push_back(must(world.account.message()));
  CHECK(codeOf(inbox.append(some)) == Errc::Invalid);
  CHECK(must(inbox.status()).messages == 100);
}

TEST_CASE("a message over the limit, an empty one and a bad keyword are refused") {
  Options options;
  options.maxMessageSize = 100;
  World world("memory", options);
  auto writer = must(world.account.message());
  CHECK(codeOf(writer.write(std::string(101, 'a'))) == Errc::TooBig);
  CHECK(codeOf(writer.write("a")) == Errc::Invalid);
  auto empty = must(world.account.message());
  CHECK(codeOf(empty.finish({})) == Errc::Invalid);
  auto odd = must(world.account.message());
  must(odd.write("a"));
  CHECK(codeOf(odd.finish({}, 0, {"bad keyword"})) == Errc::Invalid);
}

TEST_CASE("STORE changes what it says, and counts and MODSEQs follow") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 200; ++i) append(inbox, mail(std::to_string(i)));
  const auto before = must(inbox.status()).highestModseq;
  const auto seen =
      must(inbox.storeFlags(UidSet::of(std::vector<UidRange>{{10, 150}, {500, 600}}), add(kSeen)));
  CHECK(seen.matched.size() == 141);
  CHECK(seen.changed == seen.matched);
  CHECK(seen.modseq == before + 1);
  CHECK(must(inbox.status()).unseen == 59);

  const auto again = must(inbox.storeFlags(one(10), add(kSeen)));
  CHECK(again.matched.size() == 1);
  CHECK(again.changed.empty());
  CHECK(again.modseq == seen.modseq);

  must(inbox.storeFlags(one(10), add(kDeleted, {"Work", "$Junk"})));
  CHECK(must(inbox.status()).deleted == 1);
  CHECK(rowsOf(inbox)[9].keywords == 3);
  must(inbox.storeFlags(one(10), {FlagChange::Mode::Remove, kSeen, {"WORK", "unknown"}, std::nullopt}));
  CHECK(rowsOf(inbox)[9].keywords == 2);
  CHECK(rowsOf(inbox)[9].flags == kDeleted);
  must(inbox.storeFlags(one(10), {FlagChange::Mode::Replace, kFlagged, {"New"}, std::nullopt}));
  CHECK(rowsOf(inbox)[9].flags == kFlagged);
  CHECK(rowsOf(inbox)[9].keywords == 4);
  CHECK(must(inbox.status()).deleted == 0);
  world.sound();
}

TEST_CASE("UNCHANGEDSINCE is tested message by message") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 3; ++i) append(inbox, mail(std::to_string(i)));
  const auto since = must(inbox.status()).highestModseq;
  must(inbox.storeFlags(one(2), add(kSeen)));
  FlagChange change = add(kFlagged);
  change.unchangedSince = since;
  const auto result = must(inbox.storeFlags(UidSet::all(), change));
  CHECK(result.changed == std::vector<Uid>{1, 3});
  CHECK(result.modified == std::vector<Uid>{2});
}

TEST_CASE("64 keywords fit, one more does not, and unused ones make room") {
  World world("memory");
  auto inbox = world.box();
  append(inbox, mail("a"));
  append(inbox, mail("b"));
  for (int i = 0; i < 64; ++i) must(inbox.storeFlags(one(1), add(0, {"k" + std::to_string(i)})));
  CHECK(codeOf(inbox.storeFlags(one(2), add(0, {"more"}))) == Errc::Limit);
  auto refused = write(world.account, mail("c"), 0, {"more"});
  CHECK(codeOf(inbox.append(refused)) == Errc::Limit);
  must(inbox.storeFlags(one(1), {FlagChange::Mode::Remove, 0, {"k7"}, std::nullopt}));
  must(inbox.storeFlags(one(2), add(0, {"more"})));
  CHECK(must(inbox.keywords())[7] == "more");
  CHECK(rowsOf(inbox)[1].keywords == 1U << 7);
  world.sound();
}

TEST_CASE("EXPUNGE takes what it should, leaves tombstones, and never gives a UID twice") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 300; ++i) append(inbox, mail(std::to_string(i)));
  const auto rows = rowsOf(inbox);
  const auto since = must(inbox.status()).highestModseq;
  must(inbox.storeFlags(UidSet::of(std::vector<UidRange>{{5, 250}}), add(kDeleted)));
  const auto gone = must(inbox.expunge(UidSet::of(std::vector<UidRange>{{1, 200}}), true));
  CHECK(gone.gone.size() == 196);
  CHECK(gone.gone.front() == 5);
  const auto status = must(inbox.status());
  CHECK(status.messages == 104);
  CHECK(status.deleted == 50);
  CHECK(must(world.account.used()) == QuotaUse{status.bytes, 104});
  CHECK(codeOf(inbox.body(5)) == Errc::NotFound);
  must(inbox.expunge(UidSet::of(std::vector<UidRange>{{250, 300}}), false));
  CHECK(append(inbox, mail("next")) == 301);

  const auto changes = must(inbox.changesSince(since));
  CHECK(changes.goneComplete);
  CHECK(changes.gone.size() == 196 + 51);
  CHECK(changes.gone.front().uid == 5);
  CHECK(changes.gone.front().emailId == rows[4].facts.emailId);
  CHECK(changes.changed.size() == 50);  // 201 to 249 are \Deleted, 301 is new
  CHECK(must(inbox.changesSince(changes.modseq)).changed.empty());
  CHECK(must(inbox.expunge(UidSet::all(), true)).gone.size() == 49);
  world.sound();
}

TEST_CASE("very many tombstones are forgotten, and that is said") {
  World world("memory");
  auto inbox = world.box();
  const auto since = must(inbox.status()).highestModseq;
  for (int round = 0; round < 90; ++round) {
    std::vector<MessageWriter> messages;
    for (int i = 0; i < 250; ++i) messages.push_back(write(world.account, "x"));
    must(inbox.append(messages));
    must(inbox.expunge(UidSet::all(), false));
  }
  CHECK_FALSE(must(inbox.changesSince(since)).goneComplete);
  CHECK(must(inbox.changesSince(must(inbox.status()).highestModseq - 2)).goneComplete);
  world.sound();
}

TEST_CASE("COPY shares body and EMAILID, and each copy lives on its own") {
  World world(anyEngine());
  auto inbox = world.box();
  must(world.account.create("Archive"));
  auto archive = world.box("Archive");
  append(inbox, mail("a"), kSeen, {"one", "two"});
  append(inbox, mail("b"));
  append(archive, mail("c"), 0, {"two"});
  const auto bytes = must(world.account.used()).bytes;
  const auto copied = must(inbox.copy(UidSet::all(), archive));
  CHECK(copied.source == std::vector<Uid>{1, 2});
  CHECK(copied.target == std::vector<Uid>{2, 3});
  const auto rows = rowsOf(archive);
  CHECK(rows[1].facts.emailId == rowsOf(inbox)[0].facts.emailId);
  CHECK(rows[1].facts.threadId == rowsOf(inbox)[0].facts.threadId);
  CHECK(rows[1].flags == kSeen);
  CHECK(must(archive.keywords()) == std::vector<std::string>{"two", "one"});
  CHECK(rows[1].keywords == 3);
  CHECK(must(world.account.used()).bytes > bytes);
  CHECK(must(world.account.find(rows[1].facts.emailId)).size() == 2);
  world.sound();

  must(inbox.expunge(UidSet::all(), false));
  must(world.account.domain().maintain(1'000'000));
  CHECK(textOf(archive, 2).find("body of a") != std::string::npos);
  world.sound();
  must(archive.expunge(one(2), false));
  CHECK(must(world.account.find(rows[1].facts.emailId)).empty());
  world.sound();
}

TEST_CASE("MOVE keeps the message and its quota") {
  World world(anyEngine(), {}, {});
  auto inbox = world.box();
  must(world.account.create("Archive"));
  auto archive = world.box("Archive");
  for (int i = 0; i < 10; ++i) append(inbox, mail(std::to_string(i)));
  const auto used = must(world.account.used());
  const auto rows = rowsOf(inbox);
  const auto since = must(inbox.status()).highestModseq;
  const auto moved = must(inbox.move(UidSet::of(std::vector<UidRange>{{3, 5}}), archive));
  CHECK(moved.target.size() == 3);
  CHECK(must(world.account.used()) == used);
  CHECK(rowsOf(archive)[0].facts.emailId == rows[2].facts.emailId);
  CHECK(must(inbox.changesSince(since)).gone.size() == 3);
  CHECK(must(inbox.move(UidSet::all(), inbox)).source.size() == 7);
  CHECK(must(inbox.status()).messages == 7);
  world.sound();
}

TEST_CASE("huge sets are cut into commits that fit") {
  World world("memory");
  auto inbox = world.box();
  must(world.account.create("Archive"));
  for (int i = 0; i < 20; ++i) {
    std::vector<MessageWriter> messages;
    for (int k = 0; k < 250; ++k) messages.push_back(write(world.account, mail(std::to_string(i * 250 + k))));
    must(inbox.append(messages));
  }
  const auto stored = must(inbox.storeFlags(UidSet::all(), add(kFlagged)));
  CHECK(stored.changed.size() == 5000);
  CHECK(must(inbox.copy(UidSet::all(), world.box("Archive"))).target.size() == 5000);
  world.sound();
  CHECK(must(inbox.expunge(UidSet::all(), false)).gone.size() == 5000);
  CHECK(must(inbox.status()).messages == 0);
  must(world.account.remove("Archive"));
  CHECK(must(world.account.used()) == QuotaUse{});
  world.sound();
}

TEST_CASE("THREADIDs follow the references and never change") {
  World world(anyEngine());
  auto inbox = world.box();
  append(inbox, mail("root"));
  append(inbox, mail("reply", "root"));
  append(inbox, mail("orphan", "lost"));
  append(inbox, mail("stranger"));
  append(inbox, mail("lost"));
  append(inbox, "Subject: no id\n\n");
  append(inbox, "Subject: no id\n\n");
  const auto rows = rowsOf(inbox);
  const auto thread = [&](std::size_t index) { return rows[index].facts.threadId; };
  CHECK(thread(0) == thread(1));
  CHECK(thread(2) == thread(4));
  CHECK(thread(3) != thread(0));
  CHECK(thread(5) != thread(6));
  CHECK(must(world.account.thread(thread(0))) == std::vector<AccountHandle::Place>{{1, 1}, {1, 2}});
  append(inbox, "References: <root@x> <lost@x>\n\n");  // joins one, merges nothing
  CHECK(rowsOf(inbox)[2].facts.threadId == thread(2));
  CHECK(rowsOf(inbox)[7].facts.threadId == thread(2));
  world.sound();
}

TEST_CASE("the quota holds in the commit that would pass it") {
  World world(anyEngine());
  const std::string text = mail("a");
  auto probe = write(world.account, text);
  const auto size = static_cast<std::int64_t>(probe.size());
  world.account = world.open({3 * size, -1});
  auto inbox = world.box();
  for (int i = 0; i < 3; ++i) append(inbox, text);
  auto fourth = write(world.account, text);
  CHECK(codeOf(inbox.append(fourth)) == Errc::OverQuota);
  CHECK(must(inbox.status()).messages == 3);
  CHECK(codeOf(inbox.copy(one(1), inbox)) == Errc::OverQuota);
  CHECK(codeOf(world.account.roomFor({1, 1})) == Errc::OverQuota);
  must(inbox.append(fourth, QuotaPolicy::Ignore));
  must(inbox.expunge(UidSet::of(std::vector<UidRange>{{1, 2}}), false));
  must(inbox.copy(one(3), inbox));

  world.account = world.open({-1, 3});
  auto fifth = write(world.account, text);
  CHECK(codeOf(world.box().append(fifth)) == Errc::OverQuota);
  world.account = world.open({-1, 4});
  must(world.box().append(fifth));
  world.account = world.open({0, -1});
  auto sixth = write(world.account, text);
  CHECK(codeOf(world.box().append(sixth)) == Errc::OverQuota);
  Options options;
  options.quota.enforce = false;
  world.store->configure(options);
  world.account = world.open({0, 0});
  auto seventh = write(world.account, text);
  must(world.box().append(seventh));
  world.sound();
}
