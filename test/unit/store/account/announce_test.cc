// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>

#include "common/events/notifier.h"
#include "common/events/watcher.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

/// A slot that listens for anna.
class Listener {
 public:
  Listener() { area_->addInterest(0, area_->bucketOf("anna")); }
  [[nodiscard]] std::shared_ptr<const events::Notifier> notifier() const {
    return std::make_shared<const events::Notifier>(std::shared_ptr<const events::Area>(area_));
  }
  bool heard() {
    std::vector<std::uint32_t> dirty;
    area_->takeDirty(0, dirty);
    return !dirty.empty();
  }
  [[nodiscard]] const std::shared_ptr<events::Area>& area() const { return area_; }

 private:
  std::shared_ptr<events::Area> area_ = events::Area::create({1, 2}).value();
};

}  // namespace

TEST_CASE("every kind of change of an account is announced, and nothing else") {
  Listener listener;
  World world(anyEngine());
  world.store->announceTo(listener.notifier());
  world.account = world.open();
  static_cast<void>(listener.heard());
  auto box = world.box();
  const auto writer = write(world.account, "Subject: x\r\n\r\nx\r\n");
  must(world.account.list());
  must(box.status());
  CHECK_FALSE(listener.heard());

  const Uid uid = append(box, "Subject: one\r\n\r\none\r\n");
  CHECK(listener.heard());
  FlagChange seen;
  seen.flags = kSeen;
  must(box.storeFlags(one(uid), seen));
  CHECK(listener.heard());
  must(world.account.create("Work"));
  CHECK(listener.heard());
  must(box.copy(one(uid), world.box("Work")));
  CHECK(listener.heard());
  must(world.account.subscribe("Work", true));
  CHECK(listener.heard());
  must(world.account.rename("Work", "Play"));
  CHECK(listener.heard());
  must(box.expunge(one(uid), false));
  CHECK(listener.heard());
  must(world.account.remove("Play"));
  CHECK(listener.heard());

  CHECK_FALSE(world.account.remove("Play").ok());
  must(box.expunge(one(uid), false));
  CHECK_FALSE(listener.heard());
  must(world.store->account({"bert", "", {}}, Engine::Create::Yes));
  CHECK_FALSE(listener.heard());
  must(world.store->remove("anna"));
  CHECK(listener.heard());
}

// What a session relies on: first watch, then read, then read again after each callback.
TEST_CASE("a session that watches always ends with the state that the committers left") {
  World world("embedded");
  net::Loop loop;
  events::Watcher watcher(loop);
  world.store->announceTo(std::make_shared<const events::Notifier>(watcher.area()));
  world.account = world.open();
  constexpr int kThreads = 4;
  constexpr int kMessages = 25;
  std::uint64_t known = 0;
  const auto look = [&] { known = must(world.account.modseq()); };
  const auto interest = watcher.watch("anna", look);
  look();
  std::atomic<int> running{kThreads};
  std::vector<std::thread> committers;
  for (int t = 0; t < kThreads; ++t)
    committers.emplace_back([&] {
      // No assertions of the test framework outside of its thread.
      for (int i = 0; i < kMessages; ++i) {
        auto account = world.store->account({"anna", "", {}}, Engine::Create::No);
        if (!account.ok()) break;
        auto box = account->mailbox("INBOX");
        auto writer = account->message();
        if (!box.ok() || !writer.ok() || !writer->write("Subject: x\r\n\r\nx\r\n").ok() ||
            !writer->finish({1'700'000'000, 0}, 0, {}).ok() || !box->append(*writer).ok())
          break;
      }
      --running;
    });
  CHECK(loop.runUntil([&] { return running == 0; }, std::chrono::seconds(60)));
  for (auto& committer : committers) committer.join();
  const auto last = must(world.account.modseq());
  CHECK(loop.runUntil([&] { return known == last; }));
  CHECK(must(world.box().status()).messages == kThreads * kMessages);
}
