// SPDX-License-Identifier: Apache-2.0
#include "master/quarantine.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::master;
using namespace std::chrono_literals;

namespace {

const std::vector<stats::AccountView> kAnna = {{100, "anna"}};
const Steady kStart{std::chrono::hours(1000)};

}  // namespace

TEST_CASE("the third crash with an account in flight quarantines it, and it alone") {
  Quarantine quarantine;
  const std::vector<stats::AccountView> both = {{100, "anna"}, {200, "bert"}};
  CHECK(quarantine.onCrash(both, kStart).empty());
  CHECK(quarantine.onCrash(kAnna, kStart + 1s).empty());
  CHECK(quarantine.hashes().empty());
  CHECK(quarantine.onCrash(kAnna, kStart + 2s) == std::vector<std::string>{"anna"});
  CHECK(quarantine.hashes() == std::vector<std::uint64_t>{100});
  CHECK(quarantine.onCrash(kAnna, kStart + 3s).empty());  // told once
  REQUIRE(quarantine.refused().size() == 1);
  CHECK(quarantine.refused()[0].name == "anna");
  CHECK(quarantine.refused()[0].crashes == 4);
}

TEST_CASE("several jobs of one account in one crash are one crash") {
  Quarantine quarantine;
  const std::vector<stats::AccountView> thrice(3, {100, "anna"});
  CHECK(quarantine.onCrash(thrice, kStart).empty());
  CHECK(quarantine.onCrash(thrice, kStart).empty());
  CHECK(quarantine.onCrash(thrice, kStart).size() == 1);
}

TEST_CASE("crashes are forgotten after a day, a quarantine is not") {
  Quarantine quarantine;
  quarantine.onCrash(kAnna, kStart);
  quarantine.onCrash(kAnna, kStart);
  CHECK(quarantine.onCrash(kAnna, kStart + 25h).empty());
  quarantine.onCrash(kAnna, kStart + 25h);
  CHECK(quarantine.onCrash(kAnna, kStart + 25h).size() == 1);
  quarantine.onCrash({}, kStart + 100h);
  CHECK(quarantine.hashes().size() == 1);
}

TEST_CASE("a released account begins at zero") {
  Quarantine quarantine;
  for (int i = 0; i < Quarantine::kCrashes; ++i) quarantine.onCrash(kAnna, kStart);
  CHECK(quarantine.release("bert") == 0);
  CHECK(quarantine.release("anna") == 1);
  CHECK(quarantine.hashes().empty());
  CHECK(quarantine.onCrash(kAnna, kStart).empty());
  for (int i = 1; i < Quarantine::kCrashes; ++i) quarantine.onCrash(kAnna, kStart);
  CHECK(quarantine.releaseAll() == 1);
  CHECK(quarantine.releaseAll() == 0);
}

TEST_CASE("what is remembered is bounded and quarantines are the last to go") {
  Quarantine quarantine;
  for (int i = 0; i < Quarantine::kCrashes; ++i) quarantine.onCrash(kAnna, kStart);
  for (std::uint64_t i = 1000; i < 1000 + Quarantine::kMaxRemembered * 2; ++i) {
    const std::vector<stats::AccountView> other = {{i, std::to_string(i)}};
    quarantine.onCrash(other, kStart + 1s);
  }
  CHECK(quarantine.hashes() == std::vector<std::uint64_t>{100});
}
