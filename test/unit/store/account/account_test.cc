// SPDX-License-Identifier: Apache-2.0
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

std::vector<std::string> namesOf(const AccountHandle& account) {
  std::vector<std::string> names;
  for (const auto& entry : must(account.list()))
    if (entry.exists) names.push_back(entry.name);
  return names;
}

Options withFolders() {
  Options options;
  options.defaultFolders = {{"Drafts", kUseDrafts}, {"Sent", kUseSent}, {"Archive/Old", 0}};
  return options;
}

}  // namespace

TEST_CASE("a new account has INBOX and the default folders, an old one is left alone") {
  World world(anyEngine(), withFolders());
  CHECK(namesOf(world.account) ==
        std::vector<std::string>{"INBOX", "Archive", "Archive/Old", "Drafts", "Sent"});
  const auto list = must(world.account.list());
  CHECK(list[3].status.specialUse == kUseDrafts);
  CHECK(list[3].subscribed);
  CHECK(list[0].subscribed);
  must(world.account.remove("Sent"));
  world.account = world.open();
  CHECK(namesOf(world.account).size() == 4);
  world.sound();
}

TEST_CASE("an account that is not there is not made by looking") {
  World world(anyEngine());
  CHECK(codeOf(world.store->account({"bert", "", {}}, Engine::Create::No)) == Errc::NotFound);
  for (const std::string bad : {"", "a/b", "..", "a\nb"})
    CHECK(codeOf(world.store->account({bad, "", {}}, Engine::Create::Yes)) == Errc::Invalid);
  CHECK(codeOf(world.store->account({"anna", "other", {}}, Engine::Create::Yes)) == Errc::NotFound);
  CHECK(must(world.store->accounts()) == std::vector<std::string>{"anna"});
}

TEST_CASE("mailboxes are made with their parents, found in any spelling of INBOX, and removed") {
  World world(anyEngine());
  const auto made = must(world.account.create("a/b/c", kUseTrash));
  CHECK(made.specialUse == kUseTrash);
  CHECK(namesOf(world.account) == std::vector<std::string>{"INBOX", "a", "a/b", "a/b/c"});
  CHECK(world.box("inbox").number() == world.box("INBOX").number());
  CHECK(codeOf(world.account.create("a/b")) == Errc::Exists);
  CHECK(codeOf(world.account.create("INBOX")) == Errc::Exists);
  CHECK(codeOf(world.account.create("INBOX/x")) == Errc::Invalid);
  CHECK(codeOf(world.account.mailbox("none")) == Errc::NotFound);

  auto box = world.box("a/b");
  append(box, "x: y\n\n");
  must(world.account.remove("a/b"));
  CHECK(namesOf(world.account) == std::vector<std::string>{"INBOX", "a", "a/b/c"});
  CHECK(must(world.account.used()) == QuotaUse{});
  CHECK(codeOf(box.status()) == Errc::Conflict);
  CHECK(codeOf(world.account.remove("a/b")) == Errc::NotFound);
  CHECK(codeOf(world.account.remove("inbox")) == Errc::Denied);
  world.sound();

  const auto again = must(world.account.create("a/b"));
  CHECK(again.uidValidity > made.uidValidity);
  CHECK(again.mailboxId != made.mailboxId);
  world.sound();
}

TEST_CASE("UIDVALIDITY never repeats, even when the clock stands still") {
  World world("memory");
  std::uint32_t last = 0;
  for (int i = 0; i < 5; ++i) {
    const auto made = must(world.account.create("x"));
    CHECK(made.uidValidity > last);
    last = made.uidValidity;
    must(world.account.remove("x"));
  }
}

TEST_CASE("a rename takes everything below along and keeps identities") {
  World world(anyEngine());
  must(world.account.create("a/b"));
  must(world.account.create("ab"));
  append(world.box("a/b"), "x: y\n\ntext");
  const auto before = must(world.box("a/b").status());
  must(world.account.rename("a", "new/place"));
  CHECK(namesOf(world.account) == std::vector<std::string>{"INBOX", "ab", "new", "new/place", "new/place/b"});
  CHECK(must(world.box("new/place/b").status()) == before);
  CHECK(textOf(world.box("new/place/b"), 1) == "x: y\r\n\r\ntext");
  CHECK(codeOf(world.account.rename("a", "c")) == Errc::NotFound);
  CHECK(codeOf(world.account.rename("ab", "new")) == Errc::Exists);
  CHECK(codeOf(world.account.rename("new", "new/place/x")) == Errc::Invalid);
  CHECK(codeOf(world.account.rename("ab", "INBOX")) == Errc::Exists);
  world.sound();
}

TEST_CASE("renaming INBOX takes its messages away and leaves it empty") {
  World world(anyEngine());
  must(world.account.create("a"));
  auto old = world.box();
  for (int i = 0; i < 3; ++i) append(old, "x: y\n\ntext" + std::to_string(i));
  const auto before = must(old.status());
  must(world.account.rename("INBOX", "a/saved"));
  CHECK(codeOf(old.status()) == Errc::Conflict);
  CHECK(namesOf(world.account) == std::vector<std::string>{"INBOX", "a", "a/saved"});
  const auto inbox = must(world.box().status());
  CHECK(inbox.messages == 0);
  CHECK(inbox.mailboxId == before.mailboxId);
  CHECK(inbox.uidNext == before.uidNext);
  CHECK_FALSE(must(world.box().changesSince(before.highestModseq)).goneComplete);
  const auto saved = must(world.box("a/saved").status());
  CHECK(saved.messages == 3);
  CHECK(saved.mailboxId != before.mailboxId);
  CHECK(saved.uidValidity > before.uidValidity);
  CHECK(textOf(world.box("a/saved"), 2) == "x: y\r\n\r\ntext1");
  CHECK(append(world.box(), "x: y\n\n") == before.uidNext);
  world.sound();
}

TEST_CASE("subscriptions live without their mailbox") {
  World world(anyEngine());
  must(world.account.subscribe("not/there", true));
  must(world.account.subscribe("not/there", true));
  auto list = must(world.account.list());
  CHECK(list.back().name == "not/there");
  CHECK_FALSE(list.back().exists);
  CHECK(list.back().subscribed);
  must(world.account.subscribe("not/there", false));
  CHECK(must(world.account.list()).size() == 1);
  must(world.account.create("x"));
  must(world.account.subscribe("x", true));
  must(world.account.remove("x"));
  CHECK(must(world.account.list()).back().subscribed);
  world.sound();
}

TEST_CASE("changes of the mailbox list are told once each, the latest") {
  World world("memory");
  const auto since = must(world.account.modseq());
  must(world.account.create("a"));
  must(world.account.create("b"));
  must(world.account.rename("a", "c"));
  must(world.account.remove("b"));
  const auto changes = must(world.account.listChanges(since));
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].kind == ListChange::Kind::Renamed);
  CHECK(changes[1].kind == ListChange::Kind::Deleted);
  for (int i = 0; i < 1100; ++i) {
    must(world.account.create("x"));
    must(world.account.remove("x"));
  }
  CHECK(codeOf(world.account.listChanges(since)) == Errc::Conflict);
  CHECK(must(world.account.listChanges(must(world.account.modseq()))).empty());
  world.sound();
}

TEST_CASE("accounts are removed whole") {
  World world(anyEngine());
  append(world.box(), "x: y\n\n");
  must(world.store->remove("anna"));
  CHECK(codeOf(world.store->account({"anna", "", {}}, Engine::Create::No)) == Errc::NotFound);
  CHECK(codeOf(world.store->remove("anna")) == Errc::NotFound);
  world.account = world.open();
  CHECK(must(world.box().status()).messages == 0);
}
