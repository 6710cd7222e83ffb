// SPDX-License-Identifier: Apache-2.0
#include "popd/maildrop.h"

#include <catch2/catch.hpp>

#include "common/store/schema.h"
#include "common/store/store.h"

using namespace posthorn;
using namespace posthorn::popd;

namespace {

constexpr MessageNumber kMany = 4000;  // more than one commit removes

struct World {
  World() {
    auto made = store::Store::open("memory:");
    REQUIRE(made.ok());
    store = *made;
    auto opened = store->account({"anna", "", {}}, store::Engine::Create::Yes);
    REQUIRE(opened.ok());
    account.emplace(*opened);
    auto inbox = account->mailbox("INBOX");
    REQUIRE(inbox.ok());
    for (MessageNumber done = 0; done < kMany; done += 100) {
      std::vector<store::MessageWriter> writers;
      for (int i = 0; i < 100; ++i) {
        auto writer = account->message(20);
        REQUIRE(writer.ok());
        REQUIRE(writer->write("Subject: x\r\n\r\n").ok());
        REQUIRE(writer->finish({}).ok());
        writers.push_back(std::move(*writer));
      }
      REQUIRE(inbox->append(writers).ok());
    }
  }
  Maildrop drop() {
    auto box = Maildrop::open(*account, Maildrop::Lock::No);
    REQUIRE(box.ok());
    return std::move(*box);
  }
  std::shared_ptr<store::Store> store;
  std::optional<store::AccountHandle> account;
};

}  // namespace

TEST_CASE("what is marked goes, however much it is") {
  World world;
  Maildrop drop = world.drop();
  for (MessageNumber number = 1; number <= kMany; ++number) drop.mark(number);
  const auto removal = drop.removeMarked();
  CHECK(removal.status.ok());
  CHECK(removal.removed == kMany);
  CHECK(drop.markedMessages() == 0);
  CHECK(world.drop().last() == 0);
}

TEST_CASE("an UPDATE that fails in the middle says how many are gone") {
  World world;
  Maildrop drop = world.drop();
  for (MessageNumber number = 1; number <= kMany; ++number) drop.mark(number);
  const auto inbox = world.account->mailbox("INBOX");
  REQUIRE(inbox.ok());
  // The facts of the last messages are lost: the commit that comes to them fails.
  const auto broken = world.account->domain().commit(store::Sync::Durable, [&](store::Batch& batch) {
    return batch.erase(store::key::cold(inbox->number(), (kMany - 1) >> store::kColdShift));
  });
  REQUIRE(broken.ok());
  const auto removal = drop.removeMarked();
  CHECK_FALSE(removal.status.ok());
  CHECK(removal.removed > 0);
  CHECK(removal.removed < kMany);
  CHECK(inbox->status()->messages == kMany - removal.removed);
}
