// SPDX-License-Identifier: Apache-2.0
#include "master/reactor.h"

#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "common/base/unique_fd.h"

using namespace posthorn;
using namespace posthorn::master;
using namespace std::chrono_literals;

TEST_CASE("timers fire in order, once, and not when cancelled") {
  Reactor reactor;
  std::string order;
  reactor.after(20ms, [&] { order += 'b'; });
  reactor.after(1ms, [&] { order += 'a'; });
  const auto cancelled = reactor.after(5ms, [&] { order += 'x'; });
  reactor.cancel(cancelled);
  reactor.cancel(0);
  reactor.after(40ms, [&] { reactor.quit(); });
  reactor.runFor(10s);
  CHECK(order == "ab");
}

TEST_CASE("a timer may cancel and set timers") {
  Reactor reactor;
  int fired = 0;
  Reactor::TimerId other = 0;
  reactor.after(0ms, [&] {
    reactor.cancel(other);
    reactor.after(0ms, [&] {
      ++fired;
      reactor.quit();
    });
  });
  other = reactor.after(0ms, [&] { fired += 100; });
  reactor.runFor(10s);
  CHECK(fired == 1);
}

TEST_CASE("a callback may unwatch a descriptor that is ready in the same turn") {
  Reactor reactor;
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  const UniqueFd writing(ends[1]);
  const UniqueFd again(::dup(reading.get()));
  REQUIRE(::write(writing.get(), "x", 1) == 1);
  int called = 0;
  const auto first = [&](int otherFd) {
    ++called;
    reactor.unwatch(otherFd);
    reactor.quit();
  };
  reactor.watch(reading.get(), [&] { first(again.get()); });
  reactor.watch(again.get(), [&] { first(reading.get()); });
  reactor.runFor(10s);
  CHECK(called == 1);
}
