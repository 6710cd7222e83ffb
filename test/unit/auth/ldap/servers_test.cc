// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/servers.h"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "test/unit/auth/ldap/fakes.h"

using namespace posthorn;
using namespace posthorn::auth;
using namespace posthorn::auth::ldap;
using namespace posthorn::auth::ldap::test;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  World world;
  ManualClock clock;
  LdapSettings settings = settingsFor({"one", "two"});
  Servers servers{settings, std::make_unique<FakeConnector>(world), clock};

  /// Who answered, or the error's name.
  std::string ask() {
    const auto answer = servers.search({"o=isp", Scope::Subtree, "(uid=a)", {}, 2}, clock.steady() + 2s);
    return answer.ok() ? answer->server : std::string(toString(answer.error().code));
  }
};

}  // namespace

TEST_CASE("the first server answers, over one connection") {
  Fixture f;
  for (int i = 0; i < 5; ++i) CHECK(f.ask() == "one");
  CHECK(f.world.servers["one"].connects == 1);
  CHECK(f.world.servers["two"].connects == 0);
  CHECK(f.servers.pool(Purpose::Searches).idle() == 1);
  CHECK(f.servers.pool(Purpose::Searches).taken() == 0);
}

TEST_CASE("a server that is gone is passed over, and used again when it is back") {
  Fixture f;
  CHECK(f.ask() == "one");
  f.world.servers["one"].down = true;
  CHECK(f.ask() == "two");
  const int tries = f.world.servers["one"].connects;
  CHECK(f.ask() == "two");
  CHECK(f.world.servers["one"].connects == tries);
  CHECK(f.world.servers["one"].open == 0);
  f.world.servers["one"].down = false;
  CHECK(f.ask() == "two");
  f.clock.advance(1s);
  CHECK(f.ask() == "one");
  CHECK(f.ask() == "one");
  CHECK(f.servers.health().isWell(0));
}

TEST_CASE("a connection that was cut while idle says nothing of its server") {
  Fixture f;
  CHECK(f.ask() == "one");
  f.world.servers["one"].cut = true;
  CHECK(f.ask() == "one");
  CHECK(f.world.servers["one"].connects == 2);
  CHECK(f.world.servers["two"].connects == 0);
  CHECK(f.servers.health().isWell(0));
}

TEST_CASE("nobody answers") {
  Fixture f;
  f.world.servers["one"].down = f.world.servers["two"].down = true;
  CHECK(f.ask() == "unavailable");
  const int tries = f.world.servers["one"].connects;
  CHECK(f.ask() == "unavailable");  // at once, without another try
  CHECK(f.world.servers["one"].connects == tries);
  const auto answer = f.servers.search({"o=isp", Scope::Subtree, "(uid=a)", {}, 2}, f.clock.steady() + 2s);
  CHECK(answer.error().text.find("cannot connect") != std::string::npos);
  f.world.servers["two"].down = false;
  f.clock.advance(1s);
  CHECK(f.ask() == "two");
}

TEST_CASE("a server that hangs is left by those who come after") {
  Fixture f;
  CHECK(f.ask() == "one");
  f.world.servers["one"].hangs = true;
  CHECK(f.ask() == "two");
  CHECK(f.ask() == "two");
  CHECK(f.world.servers["one"].searches == 1);
  CHECK_FALSE(f.servers.health().isWell(0));
}

TEST_CASE("connections that are idle for long are closed") {
  Fixture f;
  CHECK(f.ask() == "one");
  f.clock.advance(59s);
  CHECK(f.ask() == "one");
  CHECK(f.world.servers["one"].connects == 1);
  f.clock.advance(60s);
  CHECK(f.ask() == "one");
  CHECK(f.world.servers["one"].connects == 2);
  CHECK(f.world.servers["one"].open == 1);
}

TEST_CASE("searches and binds have connections of their own") {
  Fixture f;
  f.world.passwords["uid=a"] = "x";
  CHECK(f.ask() == "one");
  CHECK(f.servers.bind("uid=a", Secret(std::string("x")), f.clock.steady() + 2s)->code == 0);
  CHECK(f.world.servers["one"].connects == 2);
  CHECK(f.servers.pool(Purpose::Searches).idle() == 1);
  CHECK(f.servers.pool(Purpose::Binds).idle() == 1);
}

TEST_CASE("a pool holds no more than its size and its places wait in time") {
  World world;
  const Clock& clock = Clock::system();
  Pool pool(2, 60s, clock);
  const auto never = [] { return false; };
  REQUIRE(pool.take(0, clock.steady() + 1s, never).ok());
  REQUIRE(pool.take(0, clock.steady() + 1s, never).ok());
  const auto late = pool.take(0, clock.steady() + 20ms, never);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == Errc::Timeout);
  CHECK(pool.taken() == 2);
  // Whoever waits gets the place that another gives back, with its connection.
  std::atomic<bool> got{false};
  std::thread waiter([&] {
    const auto place = pool.take(0, clock.steady() + 10s, never);
    got = place.ok() && *place != nullptr;
  });
  pool.put(0, std::make_unique<FakeSession>(world, "one"));
  waiter.join();
  CHECK(got);
  // Or gives up when there is no more use in waiting.
  std::atomic<bool> failed{false};
  std::atomic<bool> gaveUp{false};
  std::atomic<bool> done{false};
  std::thread patient([&] {
    const auto place = pool.take(0, clock.steady() + 30s, [&] { return failed.load(); });
    gaveUp = !place.ok() && place.error().code == Errc::Cancelled;
    done = true;
  });
  failed = true;
  while (!done) {
    pool.wake();
    std::this_thread::yield();
  }
  patient.join();
  CHECK(gaveUp);
}

TEST_CASE("a place for one server is made of an idle connection to another") {
  World world;
  ManualClock clock;
  Pool pool(1, 60s, clock);
  const auto never = [] { return false; };
  REQUIRE(pool.take(1, clock.steady() + 1s, never).ok());
  pool.put(1, std::make_unique<FakeSession>(world, "two"));
  CHECK(world.servers["two"].open == 1);
  const auto place = pool.take(0, clock.steady() + 1s, never);
  REQUIRE(place.ok());
  CHECK(*place == nullptr);
  CHECK(world.servers["two"].open == 0);
  pool.put(0, nullptr);
  // One that the server has closed is not given out.
  REQUIRE(pool.take(0, clock.steady() + 1s, never).ok());
  auto closed = std::make_unique<FakeSession>(world, "one");
  closed->goStale();
  pool.put(0, std::move(closed));
  const auto fresh = pool.take(0, clock.steady() + 1s, never);
  REQUIRE(fresh.ok());
  CHECK(*fresh == nullptr);
  pool.put(0, nullptr);
  CHECK(pool.taken() == 0);
}

TEST_CASE("many threads share few connections") {
  const Clock& clock = Clock::system();
  Pool pool(3, 60s, clock);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        auto place = pool.take(0, clock.steady() + 30s, [] { return false; });
        if (!place) continue;
        const int now = ++inside;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --inside;
        pool.put(0, nullptr);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(most <= 3);
  CHECK(pool.taken() == 0);
}
