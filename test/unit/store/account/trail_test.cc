// SPDX-License-Identifier: Apache-2.0
#include "common/store/trail.h"

#include <algorithm>
#include <random>

#include "test/unit/store/account/support.h"

namespace posthorn::store::test {
namespace {

const Id128 kBox = Id128::random();

using Row = Changes::Row;

/// What a reader of the whole mailbox finds.
std::vector<Row> changedSince(const MailboxHandle& box, Modseq since) {
  std::vector<Row> rows;
  for (const auto& row : rowsOf(box))
    if (row.modseq > since) rows.push_back({row.uid, row.modseq, row.flags, row.keywords});
  return rows;
}

/// One change of any kind.
void change(MailboxHandle box, const MailboxHandle& other, std::mt19937& random) {
  const auto uids = must(box.uids());
  if (uids.empty() || random() % 3 == 0) {
    append(box, "Subject: x\r\n\r\n");
    return;
  }
  const UidSet some = one(uids.at(random() % uids.size()));
  const auto mode = random() % 2 == 0 ? FlagChange::Mode::Add : FlagChange::Mode::Remove;
  switch (random() % 8) {
    case 0:
      must(box.expunge(some, false));
      break;
    case 1:
      must(box.copy(some, other));
      break;
    case 2:
      must(box.move(some, random() % 2 == 0 ? other : box));
      break;
    default: {
      FlagChange flags;
      flags.mode = mode;
      flags.flags = static_cast<SystemFlags>(1U << random() % 5);
      must(box.storeFlags(some, flags));
    }
  }
}

}  // namespace

TEST_CASE("a trail follows steps back, and knows when one is missing") {
  Trail trail;
  trail.note("anna", {kBox, 10, 12, {3, 3}});
  trail.note("anna", {kBox, 12, 20, {7, 9}});
  CHECK(trail.between("anna", kBox, 12, 20) == BlockRange{7, 9});
  CHECK(trail.between("anna", kBox, 10, 20) == BlockRange{3, 9});
  CHECK(trail.between("anna", kBox, 11, 20) == BlockRange{3, 9});
  CHECK(trail.between("anna", kBox, 20, 20)->empty());
  CHECK_FALSE(trail.between("anna", kBox, 9, 20));
  CHECK_FALSE(trail.between("anna", kBox, 12, 21));
  CHECK_FALSE(trail.between("bert", kBox, 12, 20));
  CHECK_FALSE(trail.between("anna", Id128::random(), 12, 20));
  // A step that touched no block.
  trail.note("anna", {kBox, 20, 21, {}});
  CHECK(trail.between("anna", kBox, 20, 21)->empty());
  CHECK(trail.between("anna", kBox, 12, 21) == BlockRange{7, 9});
}

TEST_CASE("a trail forgets what is old") {
  Trail trail;
  for (Modseq at = 1; at <= 100'000; ++at) trail.note("anna", {kBox, at - 1, at, {1, 1}});
  CHECK(trail.between("anna", kBox, 99'999, 100'000) == BlockRange{1, 1});
  CHECK_FALSE(trail.between("anna", kBox, 1, 100'000));
}

TEST_CASE("changes are found whoever made them, with a trail and without") {
  World world(anyEngine());
  // Each store stands for a process: what the other one commits is not in its trail.
  const auto second = must(Store::open(world.url, {}, world.clock));
  if (world.url.starts_with("memory")) return;  // its stores share nothing
  auto elsewhere = must(second->account({"anna", "", {}}, Engine::Create::Yes));
  must(world.account.create("Other"));
  const MailboxHandle boxes[] = {world.box(), must(elsewhere.mailbox("INBOX"))};
  const MailboxHandle others[] = {world.box("Other"), must(elsewhere.mailbox("Other"))};
  for (int i = 0; i < 300; ++i) append(boxes[0], "Subject: x\r\n\r\n");
  std::mt19937 random(4711);  // NOLINT(cert-msc51-cpp): the same run every time
  std::vector<Modseq> known = {must(boxes[0].status()).highestModseq};
  for (int i = 0; i < 1500; ++i) {
    const std::size_t by = random() % 10 == 0 ? 1 : 0;
    change(boxes[by], others[by], random);
    for (const MailboxHandle& reader : boxes) {
      const Modseq since = known.at(known.size() - 1 - random() % std::min<std::size_t>(known.size(), 40));
      const auto changes = must(reader.changesSince(since));
      REQUIRE(changes.changed == changedSince(reader, since));
      REQUIRE(changes.modseq == must(reader.status()).highestModseq);
    }
    known.push_back(must(boxes[0].status()).highestModseq);
  }
}

}  // namespace posthorn::store::test
