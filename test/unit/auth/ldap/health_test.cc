// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/health.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::auth::ldap;
using namespace std::chrono_literals;
using Kind = HostHealth::Kind;

TEST_CASE("a server that failed is left alone, then tried by one") {
  ManualClock clock;
  HostHealth health(2, clock);
  CHECK(health.admit(0));
  CHECK(health.othersBehind(0) == 1);
  CHECK(health.failed(0, Kind::Broken, clock.steady(), "refused"));
  CHECK_FALSE(health.failed(0, Kind::Broken, clock.steady() - 1s, "refused"));
  CHECK(health.lastTrouble() == "refused");
  CHECK_FALSE(health.admit(0));
  CHECK(health.admit(1));
  clock.advance(999ms);
  CHECK_FALSE(health.admit(0));
  clock.advance(1ms);
  CHECK(health.admit(0));
  CHECK_FALSE(health.admit(0));
  CHECK(health.succeeded(0));
  CHECK_FALSE(health.succeeded(0));
  CHECK(health.admit(0));
}

TEST_CASE("pauses double up to their longest") {
  ManualClock clock;
  HostHealth health(2, clock);
  std::vector<std::int64_t> pauses;
  for (int round = 0; round < 7; ++round) {
    health.failed(0, Kind::Broken, clock.steady(), "refused");
    std::int64_t waited = 0;
    while (!health.admit(0)) {
      clock.advance(100ms);
      waited += 100;
    }
    pauses.push_back(waited);
  }
  CHECK(pauses == std::vector<std::int64_t>{1000, 2000, 4000, 8000, 16000, 30000, 30000});
  // Nobody else is well: whoever comes shall not wait for half a minute.
  health.failed(0, Kind::Broken, clock.steady(), "refused");
  health.failed(1, Kind::Broken, clock.steady(), "refused");
  clock.advance(3999ms);
  CHECK_FALSE(health.admit(0));
  clock.advance(1ms);
  CHECK(health.admit(0));
  CHECK(health.succeeded(0));
  health.failed(0, Kind::Broken, clock.steady(), "refused");
  clock.advance(1s);
  CHECK(health.admit(0));
}

TEST_CASE("many questions that fail together lengthen the pause once") {
  ManualClock clock;
  HostHealth health(1, clock);
  const Steady began = clock.steady();
  clock.advance(1ms);
  CHECK(health.failed(0, Kind::Slow, began, "slow"));
  for (int i = 0; i < 20; ++i) CHECK_FALSE(health.failed(0, Kind::Slow, began, "slow"));
  CHECK(health.failures(0) == 21);
  clock.advance(1s);
  CHECK(health.admit(0));
}

TEST_CASE("a question that is too slow says nothing while others are answered") {
  ManualClock clock;
  HostHealth health(1, clock);
  const Steady began = clock.steady();
  clock.advance(1s);
  health.succeeded(0);
  clock.advance(1s);
  CHECK_FALSE(health.failed(0, Kind::Slow, began, "slow"));
  CHECK(health.isWell(0));
  CHECK(health.failed(0, Kind::Slow, clock.steady(), "slow"));
  CHECK_FALSE(health.isWell(0));
  CHECK(health.succeeded(0));
  CHECK(health.failed(0, Kind::Broken, began, "reset"));
}
