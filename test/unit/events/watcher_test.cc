// SPDX-License-Identifier: Apache-2.0
#include "common/events/watcher.h"

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "common/events/notifier.h"

using namespace posthorn;
using namespace posthorn::events;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kShort{30};  // for what must not come

struct World {
  net::Loop loop;
  std::shared_ptr<Area> area = Area::create({3, 4}).value();
  Watcher watcher{loop, area, 5};
  Notifier notifier{std::shared_ptr<const Area>(area)};

  std::uint64_t interestIn(const std::string& account) const {
    return area->interest(area->bucketOf(account));
  }
  /// Another account of the same bucket.
  [[nodiscard]] std::string twinOf(const std::string& account) const {
    for (int i = 0;; ++i)
      if (std::string name = "twin" + std::to_string(i); area->bucketOf(name) == area->bucketOf(account))
        return name;
  }
};

}  // namespace

TEST_CASE("a session hears of changes of its account until its interest ends") {
  World world;
  int anna = 0;
  int bert = 0;
  CHECK(world.watcher.hears());
  Interest interest = world.watcher.watch("anna", [&] { ++anna; });
  const Interest other = world.watcher.watch("bert", [&] { ++bert; });
  CHECK(world.interestIn("anna") == std::uint64_t{1} << 5);
  CHECK(world.watcher.watched() == 2);
  world.notifier.accountChanged("anna");
  world.notifier.accountChanged("carl");
  CHECK(world.loop.runUntil([&] { return anna == 1; }));
  world.loop.runOnce(kShort);
  CHECK(anna == 1);
  CHECK(bert == 0);
  interest.reset();
  CHECK_FALSE(interest);
  CHECK(world.interestIn("anna") == 0);
  CHECK(world.watcher.watched() == 1);
  world.notifier.accountChanged("anna");
  world.loop.runOnce(kShort);
  CHECK(anna == 1);
}

TEST_CASE("a burst is one call") {
  World world;
  int calls = 0;
  const Interest interest = world.watcher.watch("anna", [&] { ++calls; });
  for (int i = 0; i < 1000; ++i) world.notifier.accountChanged("anna");
  CHECK(world.loop.runUntil([&] { return calls != 0; }));
  world.loop.runOnce(kShort);
  CHECK(calls == 1);
}

TEST_CASE("interest is counted: the last session of an account takes the bit away") {
  World world;
  int calls = 0;
  Interest first = world.watcher.watch("anna", [&] { ++calls; });
  Interest second = world.watcher.watch("anna", [&] { ++calls; });
  Interest twin = world.watcher.watch(world.twinOf("anna"), [&] { ++calls; });
  first = std::move(second);  // ends the first
  CHECK(world.interestIn("anna") != 0);
  world.notifier.accountChanged("anna");
  CHECK(world.loop.runUntil([&] { return calls == 2; }));
  first.reset();
  CHECK(world.interestIn("anna") != 0);
  twin.reset();
  CHECK(world.interestIn("anna") == 0);
}

TEST_CASE("a callback may end its own interest, others, and begin new ones") {
  World world;
  std::map<int, Interest> interests;
  int calls = 0;
  for (int i = 0; i < 10; ++i)
    interests[i] = world.watcher.watch("anna", [&, i] {
      ++calls;
      interests.clear();
      interests[i + 100] = world.watcher.watch("anna", [&] { calls += 1000; });
    });
  world.notifier.accountChanged("anna");
  CHECK(world.loop.runUntil([&] { return calls != 0; }));
  world.loop.runOnce(kShort);
  CHECK(calls == 1);
  CHECK(world.watcher.watched() == 1);
  world.notifier.accountChanged("anna");
  CHECK(world.loop.runUntil([&] { return calls == 1001; }));
}

TEST_CASE("what a callback changes itself is heard in another turn, not in this one") {
  World world;
  int calls = 0;
  const Interest interest = world.watcher.watch("anna", [&] {
    if (++calls < 3) world.notifier.accountChanged("anna");
  });
  world.notifier.accountChanged("anna");
  CHECK(world.loop.runUntil([&] { return calls == 3; }));
}

TEST_CASE("a callback that throws costs nobody else the call") {
  World world;
  int calls = 0;
  const Interest bad = world.watcher.watch("anna", [] { throw std::runtime_error("session"); });
  const Interest good = world.watcher.watch("anna", [&] { ++calls; });
  world.notifier.accountChanged("anna");
  CHECK(world.loop.runUntil([&] { return calls == 1; }));
}

TEST_CASE("an interest may outlive its watcher") {
  net::Loop loop;
  const std::shared_ptr<Area> area = Area::create({3, 4}).value();
  auto watcher = std::make_unique<Watcher>(loop, area, 5);
  Interest interest = watcher->watch("anna", [] {});
  watcher.reset();
  CHECK(area->interest(area->bucketOf("anna")) == 0);
  interest.reset();
}

TEST_CASE("a mark whose wake-up never came is found with the next look") {
  World world;
  int calls = 0;
  const Interest interest = world.watcher.watch("anna", [&] { ++calls; });
  world.notifier.accountChanged("anna");
  std::uint64_t count = 0;
  REQUIRE(::read(world.area->wakeFd(5), &count, sizeof count) == sizeof count);
  world.loop.runOnce(kShort);
  CHECK(calls == 0);
  world.watcher.look();
  CHECK(calls == 1);
}

TEST_CASE("without an area a worker hears itself") {
  net::Loop loop;
  Watcher watcher(loop);
  CHECK(watcher.hears());
  const Notifier notifier(watcher.area());
  std::atomic<int> calls{0};
  const Interest interest = watcher.watch("anna", [&] { ++calls; });
  std::thread committer([&] { notifier.accountChanged("anna"); });
  CHECK(loop.runUntil([&] { return calls == 1; }));
  committer.join();
}

TEST_CASE("a worker that cannot hear says so, and has no timer while nobody waits") {
  net::Loop loop;
  Watcher watcher(loop, Area::create({3, 4}).value(), std::nullopt);
  CHECK_FALSE(watcher.hears());
  const Interest interest = watcher.watch("anna", [] {});
  watcher.look();
}

TEST_CASE("threads that commit while sessions come and go lose no change") {
#ifdef POSTHORN_SANITIZED
  constexpr int kCommits = 3000;
#else
  constexpr int kCommits = 30000;
#endif
  constexpr int kThreads = 3;
  constexpr int kAccounts = 40;
  World world;
  std::vector<std::atomic<std::uint64_t>> version(kAccounts);
  struct Session {
    Interest interest;
    std::uint64_t seen = 0;
  };
  std::vector<Session> sessions(kAccounts);
  const auto name = [](int account) { return "user" + std::to_string(account); };
  const auto open = [&](int account) {
    Session& session = sessions[static_cast<std::size_t>(account)];
    session.interest = world.watcher.watch(name(account), [&, account] {
      sessions[static_cast<std::size_t>(account)].seen =
          version[static_cast<std::size_t>(account)].load(std::memory_order_relaxed);
    });
    session.seen = version[static_cast<std::size_t>(account)].load(std::memory_order_relaxed);
  };
  for (int account = 0; account < kAccounts; ++account) open(account);
  std::atomic<int> running{kThreads};
  std::vector<std::thread> committers;
  for (int t = 0; t < kThreads; ++t)
    committers.emplace_back([&, t] {
      for (int i = 0; i < kCommits; ++i) {
        const int account = (i * 7 + t) % kAccounts;
        version[static_cast<std::size_t>(account)].fetch_add(1, std::memory_order_relaxed);
        world.notifier.accountChanged(name(account));
      }
      --running;
    });
  for (int turn = 0; running != 0; ++turn) {
    open(turn % kAccounts);  // closes the session before
    world.loop.runOnce(milliseconds(1));
  }
  for (auto& committer : committers) committer.join();
  const bool all = world.loop.runUntil([&] {
    for (std::size_t i = 0; i < sessions.size(); ++i)
      if (sessions[i].seen != version[i].load()) return false;
    return true;
  });
  CHECK(all);
}
