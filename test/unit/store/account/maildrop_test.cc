// SPDX-License-Identifier: Apache-2.0
#include "common/store/maildrop.h"

#include <set>

#include <sys/wait.h>
#include <unistd.h>

#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

TEST_CASE("a maildrop is INBOX as it was, whatever others do") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 40; ++i) append(inbox, "Subject: " + std::to_string(i) + "\n\ntext\n");
  must(inbox.expunge(one(7), false));
  const auto drop = must(Maildrop::open(world.account));
  CHECK(drop.count() == 39);
  CHECK(drop.uid(6) == 8);
  CHECK(drop.octets() == must(inbox.status()).bytes);
  append(inbox, "Subject: late\n\n");
  must(inbox.expunge(one(1), false));
  CHECK(drop.count() == 39);
  CHECK(textOf(must(drop.read(38))) == "Subject: 39\r\n\r\ntext\r\n");
  // Expunged by somebody else: the text while its place is kept, a clean error afterwards.
  CHECK(textOf(must(drop.read(0))) == "Subject: 0\r\n\r\ntext\r\n");
}

TEST_CASE("a pinned body outlives its message; a lost one is a clean error") {
  World world("memory");
  auto inbox = world.box();
  append(inbox, "a: b\n\ntext\n");
  const auto drop = must(Maildrop::open(world.account));
  const auto body = must(drop.read(0));
  must(inbox.expunge(one(1), false));
  must(world.account.domain().maintain(1'000'000));
  CHECK(textOf(body) == "a: b\r\n\r\ntext\r\n");
  CHECK(codeOf(drop.read(0)) == Errc::NotFound);
}

TEST_CASE("UIDLs are unique, stable and imported") {
  World world(anyEngine());
  auto inbox = world.box();
  append(inbox, "a: b\n\n");
  auto imported = must(world.account.message());
  CHECK(codeOf(imported.importUidl("has blank ")) == Errc::Invalid);
  must(imported.importUidl("old.42"));
  must(imported.write("c: d\n\n"));
  must(imported.finish({}));
  must(inbox.append(imported));
  must(inbox.copy(UidSet::all(), inbox));
  const auto drop = must(Maildrop::open(world.account));
  REQUIRE(drop.count() == 4);
  const std::string first = rowsOf(inbox)[0].facts.emailId.hex();
  CHECK(drop.uidl(0) == first);
  CHECK(drop.uidl(1) == "old.42");
  CHECK(drop.uidl(2) == first + "-3");
  CHECK(drop.uidl(3) == rowsOf(inbox)[1].facts.emailId.hex() + "-4");
  must(inbox.expunge(one(1), false));
  CHECK(must(Maildrop::open(world.account)).uidl(1) == first + "-3");
  must(world.account.create("x"));
  must(inbox.copy(one(3), world.box("x")));
  must(inbox.expunge(one(3), false));
  must(world.box("x").move(UidSet::all(), inbox));
  CHECK(must(Maildrop::open(world.account)).uidl(2) == first);
  world.sound();
}

TEST_CASE("a DELE list goes in one commit") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 100; ++i) append(inbox, "a: b\n\n");
  auto drop = must(Maildrop::open(world.account));
  const auto before = must(world.account.modseq());
  std::vector<std::uint32_t> indexes;
  for (std::uint32_t i = 0; i < 100; i += 2) indexes.push_back(i);
  must(inbox.expunge(one(1), false));
  const auto gone = must(drop.expunge(indexes));
  CHECK(gone.gone.size() == 49);
  CHECK(must(world.account.modseq()) == before + 2);
  CHECK(must(Maildrop::open(world.account)).count() == 50);
  world.sound();
}

TEST_CASE("a maildrop lock keeps others out and goes with its process") {
  World world("memory");
  const auto bert = must(world.store->account({"bert", "", {}}, Engine::Create::Yes));
  {
    const auto mine = must(MaildropLock::take(world.account));
    CHECK(codeOf(MaildropLock::take(world.account)) == Errc::Busy);
    must(MaildropLock::take(bert));
  }
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lock = MaildropLock::take(world.account);
    (void)!::write(ready[1], lock.ok() ? "y" : "n", 1);
    ::pause();
    ::_exit(0);
  }
  char answer = 0;
  REQUIRE(::read(ready[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  CHECK(codeOf(MaildropLock::take(world.account)) == Errc::Busy);
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  must(MaildropLock::take(world.account));
  ::close(ready[0]);
  ::close(ready[1]);
  Options none;
  none.lockFile = "";
  const auto bare = must(Store::open("memory:", none));
  CHECK(codeOf(MaildropLock::take(must(bare->account({"x", "", {}}, Engine::Create::Yes)))) ==
        Errc::Unsupported);
}
