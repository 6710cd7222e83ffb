// SPDX-License-Identifier: Apache-2.0
#include "common/net/loop.h"

#include <atomic>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/eventfd.h>

#include "common/net/address.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace std::chrono_literals;

TEST_CASE("an inbox is signalled once for a burst") {
  Inbox inbox;
  int ran = 0;
  for (int i = 0; i < 1000; ++i) inbox.put([&ran] { ++ran; });
  CHECK(inbox.wakes() == 1);
  for (Task& task : inbox.take()) task();
  CHECK(ran == 1000);
  CHECK(inbox.take().empty());
  inbox.put([] {});
  CHECK(inbox.wakes() == 2);
}

TEST_CASE("posts of several threads all arrive, each thread's in order") {
  Loop loop;
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  std::vector<int> last(kThreads, -1);
  int count = 0;
  bool ordered = true;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i)
        loop.post([&, t, i] {
          ordered = ordered && last[static_cast<std::size_t>(t)] == i - 1;
          last[static_cast<std::size_t>(t)] = i;
          ++count;
        });
    });
  CHECK(loop.runUntil([&] { return count == kThreads * kEach; }));
  for (std::thread& thread : threads) thread.join();
  CHECK(ordered);
}

TEST_CASE("deferred work runs once the burst is over, and its own deferrals in the next turn") {
  Loop loop;
  std::string order;
  loop.post([&] {
    loop.defer([&] {
      order += "d";
      loop.defer([&] { order += "e"; });
    });
    order += "a";
  });
  loop.post([&] { order += "b"; });
  CHECK(loop.runUntil([&] { return order.size() == 4; }));
  CHECK(order == "abde");
}

TEST_CASE("a chain of deferrals does not starve the sockets") {
  Loop loop;
  const UniqueFd fd(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
  bool seen = false;
  Watch watch(loop, fd.get(), Ready::Read, [&] {
    seen = true;
    watch.disable();
  });
  std::function<void()> again = [&] {
    if (!seen) loop.defer([&] { again(); });
  };
  loop.defer([&] {
    watch.enable();
    again();
  });
  CHECK(loop.runUntil([&] { return seen; }, 5s));
}

TEST_CASE("an exception in a posted task is caught and the loop goes on") {
  Loop loop;
  bool later = false;
  loop.post([] { throw std::runtime_error("on purpose"); });
  loop.post([] { throw 42; });
  loop.post([&] { later = true; });
  CHECK(loop.runUntil([&] { return later; }));
}

TEST_CASE("timers and watches may be destroyed in their own callback") {
  Loop loop;
  bool rang = false;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop, [&] {
    timer.reset();
    rang = true;
  });
  timer->start(1ms);
  CHECK(loop.runUntil([&] { return rang; }));

  const UniqueFd fd(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
  bool seen = false;
  std::unique_ptr<Watch> watch;
  watch = std::make_unique<Watch>(loop, fd.get(), Ready::Read, [&] {
    watch.reset();
    seen = true;
  });
  watch->enable();
  CHECK(loop.runUntil([&] { return seen; }));
}

TEST_CASE("run ends at a stop that comes from another thread") {
  Loop loop;
  std::thread other([&] { loop.stop(); });
  loop.run();
  other.join();
}

TEST_CASE("a loop makes the process ignore SIGPIPE") {
  const Loop loop;
  struct sigaction now {};
  REQUIRE(::sigaction(SIGPIPE, nullptr, &now) == 0);
  CHECK(now.sa_handler == SIG_IGN);
}

TEST_CASE("addresses fold IPv4 into one form") {
  CHECK(Address::parse("192.0.2.7") == Address::parse("::ffff:192.0.2.7"));
  CHECK(Address::parse("192.0.2.7")->text() == "192.0.2.7");
  CHECK(Address::parse("2001:DB8::1")->text() == "2001:db8::1");
  CHECK(Address::parse("127.1.2.3")->isLoopback());
  CHECK(Address::parse("::1")->isLoopback());
  CHECK_FALSE(Address::parse("::2")->isLoopback());
  CHECK_FALSE(Address::parse("not an address"));
}
