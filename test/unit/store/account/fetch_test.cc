// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <random>

#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

std::vector<Uid> uidsOf(const std::vector<UidRange>& runs) {
  std::vector<Uid> uids;
  for (const UidRange& run : runs)
    for (Uid uid = run.first; uid <= run.last; ++uid) uids.push_back(uid);
  return uids;
}

std::vector<Uid> read(const MailboxHandle& box, const UidSet& set, std::size_t limit) {
  std::vector<Uid> uids;
  for (Uid from = 1; from != 0;) {
    const auto window = must(box.window(set, from, Columns::Flags, limit));
    CHECK(window.rows.size() <= limit);
    for (const auto& row : window.rows) uids.push_back(row.message.uid);
    from = window.next;
  }
  return uids;
}

}  // namespace

TEST_CASE("the opening view shows runs, the first unseen and what is no longer recent") {
  World world(anyEngine());
  auto inbox = world.box();
  CHECK(must(inbox.open()).uids.empty());
  for (int i = 0; i < 200; ++i) append(inbox, "A: b\n\nc\n", i < 150 ? kSeen : SystemFlags{0}, {"k"});
  must(inbox.expunge(UidSet::of(std::vector<UidRange>{{3, 3}, {64, 70}}), false));
  auto opening = must(inbox.open());
  CHECK(opening.uids == std::vector<UidRange>{{1, 2}, {4, 63}, {71, 200}});
  CHECK(uidsOf(opening.uids) == must(inbox.uids()));
  CHECK(opening.firstUnseen == 151);
  CHECK(opening.keywords == std::vector<std::string>{"k"});
  CHECK(opening.status == must(inbox.status()));
  CHECK(opening.recentUid == 0);
  const Modseq before = opening.status.highestModseq;
  must(inbox.claimRecent(200));
  must(inbox.claimRecent(100));
  opening = must(inbox.open());
  CHECK(opening.recentUid == 200);
  CHECK(opening.status.highestModseq == before);
  world.sound();
}

TEST_CASE("windows give exactly the chosen messages, however they are cut") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 300; ++i) append(inbox, "A: b\n\nc\n");
  must(inbox.expunge(UidSet::of(std::vector<UidRange>{{5, 7}, {128, 191}}), false));
  const auto all = must(inbox.uids());
  std::mt19937 random(GENERATE(1U, 2U, 3U));
  const auto below = [&](Uid limit) { return static_cast<Uid>(random() % limit); };
  for (int round = 0; round < 40; ++round) {
    std::vector<UidRange> ranges;
    for (int i = 0; i < 6; ++i) {
      const Uid first = below(310) + 1;
      ranges.push_back({first, first + below(below(2) == 0 ? 3 : 90)});
    }
    const UidSet set = UidSet::of(ranges);
    std::vector<Uid> expected;
    std::copy_if(all.begin(), all.end(), std::back_inserter(expected),
                 [&](Uid uid) { return set.contains(uid); });
    CHECK(read(inbox, set, below(40) + 1) == expected);
  }
  CHECK(read(inbox, UidSet::all(), kMaxWindow) == all);
  CHECK(read(inbox, UidSet(), 10).empty());
}

TEST_CASE("a message stays readable through its row when it is expunged") {
  World world(anyEngine());
  auto inbox = world.box();
  append(inbox, "A: b\n\nkept\n");
  const auto window = must(inbox.window(UidSet::all(), 1, Columns::Facts));
  REQUIRE(window.rows.size() == 1);
  CHECK(window.rows[0].message.facts.size == 14);
  must(inbox.expunge(one(1), false));
  CHECK(textOf(must(inbox.body(window.rows[0]))) == "A: b\r\n\r\nkept\r\n");
}

TEST_CASE("the stamps of a STORE are those that its messages bear") {
  World world(anyEngine());
  auto inbox = world.box();
  for (int i = 0; i < 3; ++i) append(inbox, "A: b\n\nc\n");
  const auto done = must(inbox.storeFlags(UidSet::all(), {FlagChange::Mode::Add, kSeen, {}, std::nullopt}));
  REQUIRE(done.stamps.size() == 1);
  for (const auto& row : rowsOf(inbox)) CHECK(row.modseq == done.stamps[0]);
  CHECK(
      must(inbox.storeFlags(UidSet::all(), {FlagChange::Mode::Add, kSeen, {}, std::nullopt})).stamps.empty());
}
