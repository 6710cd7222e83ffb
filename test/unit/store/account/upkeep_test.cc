// SPDX-License-Identifier: Apache-2.0
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

TEST_CASE("upkeep gives back what removed messages took") {
  World world("embedded");
  const std::string text = "Subject: large\r\n\r\n" + std::string(200'000, 'x') + "\r\n";
  auto box = world.box();
  for (int i = 0; i < 40; ++i) append(box, text);
  const Uid kept = append(box, "Subject: kept\r\n\r\nstays\r\n");
  std::vector<Uid> gone;
  for (const MessageRow& row : rowsOf(box))
    if (row.uid != kept) gone.push_back(row.uid);
  must(box.expunge(UidSet::of(gone), false));
  const auto before = must(world.account.domain().info()).bytesLog;
  must(world.store->upkeep(std::chrono::seconds{20}));
  const auto after = must(world.account.domain().info()).bytesLog;
  INFO(before << " to " << after);
  CHECK(after < before / 4);
  CHECK(textOf(box, kept).find("stays") != std::string::npos);
  world.sound();
}

TEST_CASE("upkeep closes accounts that nobody uses, so that they can be repaired") {
  World world("embedded");
  append(world.box(), "Subject: one\r\n\r\n1\r\n");
  auto other = must(Store::open(world.url, {}, world.clock));
  world.account = AccountHandle{nullptr};
  must(world.store->upkeep(std::chrono::seconds{1}));
  const auto report = must(other->repair({"anna", "", {}}, CheckDepth::Bodies));
  CHECK(report.clean());
}
