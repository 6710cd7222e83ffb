// SPDX-License-Identifier: Apache-2.0
#include "master/throttle.h"

#include <catch2/catch.hpp>

using namespace posthorn::master;
using namespace std::chrono_literals;

TEST_CASE("a worker that served is replaced at once, three times in succession") {
  Throttle throttle;
  for (int i = 0; i < Throttle::kFreeAfterServing; ++i) CHECK(throttle.onDeath(50ms, true) == 0s);
  CHECK(throttle.looping() == 0);
  CHECK(throttle.onDeath(50ms, true) == 2s);
  CHECK(throttle.looping() == 1);
}

TEST_CASE("a crash loop waits 2 s, doubling to 60 s, for ever") {
  Throttle throttle;
  CHECK(throttle.onDeath(1ms, false) == 0s);
  for (const auto wait : {2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) CHECK(throttle.onDeath(1ms, false) == wait);
  for (int i = 0; i < 100'000; ++i) REQUIRE(throttle.onDeath(1ms, false) == 60s);
}

TEST_CASE("a worker that lived for a while ends the loop") {
  Throttle throttle;
  for (int i = 0; i < 10; ++i) throttle.onDeath(1ms, false);
  CHECK(throttle.onDeath(Throttle::kQuick, true) == 0s);
  CHECK(throttle.looping() == 0);
  CHECK(throttle.onDeath(9999ms, true) == 0s);
}
