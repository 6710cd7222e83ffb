// SPDX-License-Identifier: Apache-2.0
#include "common/store/annotations.h"

#include <map>

#include "common/store/reader.h"
#include "common/store/rights.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

using Values = std::map<std::string, std::string>;
using ChangeList = std::vector<AnnotationChange>;

template <typename Where>
Values valuesOf(const Where& where) {
  Values values;
  for (const auto& one : must(annotationsOf(where))) values[one.entry] = one.value;
  return values;
}

template <typename Where>
Modseq set(const Where& where, const std::string& entry, std::optional<std::string> value) {
  return must(annotate(where, ChangeList{{entry, std::move(value)}}));
}

/// "0 /private/a", sorted by mailbox and entry.
std::vector<std::string> newsSince(const World& world, Modseq since) {
  Modseq until = 0;
  std::vector<std::string> news;
  for (const auto& one : must(annotationNews(world.account, since, until)))
    news.push_back(std::to_string(one.mailbox) + " " + one.entry);
  return news;
}

}  // namespace

TEST_CASE("annotations of the account and of mailboxes are apart") {
  World world(anyEngine());
  must(world.account.create("Work"));
  set(world.account, "/private/Comment", "account");
  set(world.box(), "/private/comment", std::string("in\0box", 6));
  set(world.box("Work"), "/shared/comment", "");
  CHECK(valuesOf(world.account) == Values{{"/private/comment", "account"}});
  CHECK(valuesOf(world.box()) == Values{{"/private/comment", std::string("in\0box", 6)}});
  CHECK(valuesOf(world.box("Work")) == Values{{"/shared/comment", ""}});
  set(world.account, "/PRIVATE/comment", std::nullopt);
  CHECK(valuesOf(world.account).empty());
  CHECK(valuesOf(world.box()).size() == 1);
  world.sound();
  world.account = world.open();
  CHECK(valuesOf(world.box("Work")).size() == 1);
}

TEST_CASE("a change takes a MODSEQ, and nothing that is as it was takes one") {
  World world(anyEngine());
  const Modseq before = must(world.account.modseq());
  const Modseq first = set(world.account, "/private/a", "x");
  CHECK(first == before + 1);
  CHECK(must(annotationsOf(world.account)).at(0).modseq == first);
  CHECK(set(world.account, "/private/a", "x") == 0);
  CHECK(set(world.account, "/private/never", std::nullopt) == 0);
  CHECK(must(world.account.modseq()) == first);
  // Of a mailbox it stands in the list of changes, of the account it does not.
  CHECK(must(world.account.listChanges(before)).empty());
  const Modseq second = set(world.box(), "/private/a", "x");
  const auto changes = must(world.account.listChanges(before));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].modseq == second);
  CHECK(changes[0].kind == ListChange::Kind::Changed);
  CHECK(changes[0].mailbox == world.box().number());
}

TEST_CASE("RENAME keeps annotations, DELETE drops them") {
  World world(anyEngine());
  must(world.account.create("Work/Deep"));
  set(world.box("Work/Deep"), "/private/a", "x");
  must(world.account.rename("Work", "Play"));
  CHECK(valuesOf(world.box("Play/Deep")) == Values{{"/private/a", "x"}});
  must(world.account.remove("Play/Deep"));
  must(world.account.create("Play/Deep"));
  CHECK(valuesOf(world.box("Play/Deep")).empty());
  set(world.box(), "/private/a", "inbox");
  must(world.account.rename("INBOX", "Old"));
  CHECK(valuesOf(world.box("Old")) == Values{{"/private/a", "inbox"}});
  CHECK(valuesOf(world.box()) == Values{{"/private/a", "inbox"}});
  set(world.box(), "/private/a", "fresh");
  CHECK(valuesOf(world.box("Old")) == Values{{"/private/a", "inbox"}});
  world.sound();
}

TEST_CASE("what is private is each reader's own, what is shared is not") {
  World world(anyEngine());
  const MailboxHandle box = world.box();
  const MailboxHandle bert = box.as(Reader{"bert", kAllRights});
  const MailboxHandle cora = box.as(Reader{"cora", kAllRights});
  set(box, "/private/a", "owner");
  set(bert, "/private/a", "bert");
  set(bert, "/private/b", "bert");
  set(cora, "/shared/a", "all");
  CHECK(valuesOf(box) == Values{{"/private/a", "owner"}, {"/shared/a", "all"}});
  CHECK(valuesOf(bert) == Values{{"/private/a", "bert"}, {"/private/b", "bert"}, {"/shared/a", "all"}});
  CHECK(valuesOf(cora) == Values{{"/shared/a", "all"}});
  set(bert, "/private/a", std::nullopt);
  CHECK(valuesOf(box).at("/private/a") == "owner");
  // What a reader keeps for himself is no news to the owner.
  const Modseq now = must(world.account.modseq());
  set(bert, "/private/b", "again");
  CHECK(newsSince(world, now).empty());
  CHECK(must(world.account.listChanges(now)).empty());
  set(bert, "/shared/b", "x");
  CHECK(newsSince(world, now) == std::vector<std::string>{std::to_string(box.number()) + " /shared/b"});
  world.sound();
}

TEST_CASE("all changes are made or none, and a guard holds off who was late") {
  World world(anyEngine());
  set(world.account, "/private/a", "one");
  using Guard = std::optional<std::optional<std::string>>;
  const auto swap = [&world](std::optional<std::string> before, const std::string& after) {
    return annotate(world.account,
                    ChangeList{{"/private/b", "b"}, {"/private/a", after, Guard(std::move(before))}});
  };
  for (const std::optional<std::string>& wrong :
       {std::optional<std::string>(), std::optional<std::string>("two")}) {
    const auto refused = swap(wrong, "x");
    REQUIRE_FALSE(refused.ok());
    CHECK(isAnnotationConflict(refused.error()));
  }
  CHECK(valuesOf(world.account) == Values{{"/private/a", "one"}});
  must(swap("one", "two"));
  CHECK(valuesOf(world.account) == Values{{"/private/a", "two"}, {"/private/b", "b"}});
  must(annotate(world.account, ChangeList{{"/private/c", "c", Guard(std::optional<std::string>())}}));
  CHECK(valuesOf(world.account).at("/private/c") == "c");
}

TEST_CASE("limits hold for one value and for the whole account") {
  Options options;
  options.annotations = {.size = 100, .count = 5, .total = 450};
  World world(anyEngine(), options);
  CHECK(codeOf(annotate(world.account, ChangeList{{"/private/a", std::string(101, 'x')}})) == Errc::TooBig);
  set(world.account, "/private/a", std::string(100, 'x'));
  set(world.box(), "/private/a", std::string(100, 'x'));
  set(world.box().as(Reader{"bert", kAllRights}), "/private/a", std::string(100, 'x'));
  CHECK(codeOf(annotate(world.account, ChangeList{{"/private/b", std::string(100, 'x')}})) == Errc::Limit);
  set(world.account, "/private/b", "");
  set(world.account, "/private/c", "");
  CHECK(codeOf(annotate(world.account, ChangeList{{"/private/d", ""}})) == Errc::Limit);
  // Replacing and removing need no room, and removed ones take none.
  set(world.account, "/private/a", "short");
  set(world.account, "/private/c", std::nullopt);
  set(world.account, "/private/d", "");
  CHECK(valuesOf(world.account).size() == 3);
  CHECK(codeOf(annotate(world.account, ChangeList{{"/private/" + std::string(300, 'x'), ""}})) ==
        Errc::Invalid);
}

TEST_CASE("news name what was changed and removed since, and memory of what is gone is bounded") {
  World world(anyEngine());
  const std::string box = std::to_string(world.box().number());
  CHECK(newsSince(world, 0).empty());
  const Modseq first = set(world.account, "/private/a", "x");
  set(world.box(), "/shared/a", "x");
  const Modseq third = set(world.account, "/private/a", std::nullopt);
  CHECK(newsSince(world, 0) == std::vector<std::string>{"0 /private/a", box + " /shared/a"});
  CHECK(newsSince(world, first) == std::vector<std::string>{"0 /private/a", box + " /shared/a"});
  CHECK(newsSince(world, third).empty());
  Modseq until = 0;
  must(annotationNews(world.account, 0, until));
  CHECK(until == third);
  for (int i = 0; i < 300; ++i) {
    set(world.account, "/private/n" + std::to_string(i), "x");
    set(world.account, "/private/n" + std::to_string(i), std::nullopt);
  }
  CHECK(newsSince(world, 0).size() < 100);
  CHECK(newsSince(world, must(world.account.modseq()) - 1).size() == 1);
  world.sound();
}

TEST_CASE("a mailbox that is gone has no annotations") {
  World world(anyEngine());
  must(world.account.create("Work"));
  const MailboxHandle box = world.box("Work");
  must(world.account.remove("Work"));
  CHECK_FALSE(annotationsOf(box).ok());
  CHECK_FALSE(annotate(box, ChangeList{{"/private/a", "x"}}).ok());
}
