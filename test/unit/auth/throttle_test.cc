// SPDX-License-Identifier: Apache-2.0
#include "common/auth/throttle.h"

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Fixture {
  ManualClock clock;
  Throttle throttle{{"198.51.100.0/24", "2001:db8:ffff::/48"}, clock, 3};

  milliseconds fail(std::string_view address, std::string_view password) {
    return throttle.failed(address, "anna", Secret(password));
  }
};

TEST_CASE("failures wait 2, 4, 8, 15 seconds") {
  Fixture f;
  CHECK(f.throttle.admit("192.0.2.1").wait == milliseconds{0});
  CHECK(f.fail("192.0.2.1", "a") == seconds{2});
  CHECK(f.fail("192.0.2.1", "b") == seconds{4});
  CHECK(f.fail("192.0.2.1", "c") == seconds{8});
  CHECK(f.fail("192.0.2.1", "d") == seconds{15});
  CHECK(f.fail("192.0.2.1", "e") == seconds{15});
  CHECK(f.fail("192.0.2.2", "a") == seconds{2});
}

TEST_CASE("the same wrong password is not counted again") {
  Fixture f;
  CHECK(f.fail("192.0.2.1", "a") == seconds{2});
  CHECK(f.fail("192.0.2.1", "a") == seconds{2});
  CHECK(f.fail("192.0.2.1", "b") == seconds{4});
  CHECK(f.fail("192.0.2.1", "a") == seconds{4});
  CHECK(f.throttle.failed("192.0.2.1", "bert", Secret(std::string("a"))) == seconds{8});
}

TEST_CASE("dialling again while the time is served waits for its end") {
  Fixture f;
  static_cast<void>(f.fail("192.0.2.1", "a"));
  f.clock.advance(milliseconds{500});
  CHECK(f.throttle.admit("192.0.2.1").wait == milliseconds{1500});
  CHECK(f.throttle.admit("192.0.2.9").wait == milliseconds{0});
  for (std::size_t i = 1; i < Throttle::kMaxWaiting; ++i) CHECK_FALSE(f.throttle.admit("192.0.2.1").refused);
  CHECK(f.throttle.admit("192.0.2.1").refused);
  f.clock.advance(milliseconds{1500});
  CHECK_FALSE(f.throttle.admit("192.0.2.1").refused);
  CHECK(f.throttle.admit("192.0.2.1").wait == milliseconds{0});
  // A new term has room for waiting anew.
  static_cast<void>(f.fail("192.0.2.1", "b"));
  CHECK_FALSE(f.throttle.admit("192.0.2.1").refused);
}

TEST_CASE("a /64 of IPv6 is one client, and mapped IPv4 is IPv4") {
  Fixture f;
  CHECK(f.fail("2001:db8:1:2::1", "a") == seconds{2});
  CHECK(f.fail("2001:db8:1:2:ffff::9", "b") == seconds{4});
  CHECK(f.fail("2001:db8:1:3::1", "c") == seconds{2});
  CHECK(f.fail("192.0.2.1", "a") == seconds{2});
  CHECK(f.fail("::ffff:192.0.2.1", "b") == seconds{4});
  CHECK(f.fail("fe80::1%eth0", "a") == seconds{2});
  CHECK(f.fail("fe80::1%eth1", "b") == seconds{4});
}

TEST_CASE("trusted proxies are never slowed down") {
  Fixture f;
  for (int i = 0; i < 5; ++i) {
    CHECK(f.fail("198.51.100.7", std::to_string(i)) == seconds{0});
    CHECK(f.fail("2001:db8:ffff:1::7", std::to_string(i)) == seconds{0});
  }
  CHECK(f.throttle.addresses() == 0);
  CHECK(f.fail("198.51.101.7", "a") == seconds{2});
}

TEST_CASE("ten quiet minutes are forgotten, and the table is bounded") {
  Fixture f;
  CHECK(f.fail("192.0.2.1", "a") == seconds{2});
  f.clock.advance(std::chrono::minutes{9});
  CHECK(f.fail("192.0.2.1", "b") == seconds{4});
  f.clock.advance(std::chrono::minutes{10});
  CHECK(f.fail("192.0.2.1", "c") == seconds{2});
  for (int i = 2; i < 50; ++i) CHECK(f.fail("192.0.2." + std::to_string(i), "a") == seconds{2});
  CHECK(f.throttle.addresses() == 3);
  CHECK(f.fail("192.0.2.1", "d") == seconds{2});
}

TEST_CASE("delays are options") {
  Fixture f;
  f.throttle.setDelays(seconds{1}, seconds{3});
  CHECK(f.fail("192.0.2.1", "a") == seconds{1});
  CHECK(f.fail("192.0.2.1", "b") == seconds{2});
  CHECK(f.fail("192.0.2.1", "c") == seconds{3});
  f.throttle.setDelays(seconds{0}, seconds{3});
  CHECK(f.fail("192.0.2.1", "d") == seconds{0});
}

TEST_CASE("an address that is none is a client of its own") {
  Fixture f;
  CHECK(f.fail("", "a") == seconds{2});
  CHECK(f.fail("unix", "a") == seconds{2});
  CHECK(f.fail("", "b") == seconds{4});
}

TEST_CASE("many connections guess no faster than a few") {
  ManualClock clock;
  Throttle throttle({}, clock);
  CHECK_FALSE(throttle.admit("192.0.2.9").turn);  // nothing is known of it
  static_cast<void>(throttle.failed("192.0.2.9", "anna", Secret(std::string_view("guess"))));
  clock.advance(seconds{3});
  std::vector<Throttle::Admission> unjudged;
  for (int i = 0; i < 6; ++i) unjudged.push_back(throttle.admit("192.0.2.9"));
  CHECK(unjudged[0].wait == milliseconds{0});
  CHECK(unjudged[1].wait == milliseconds{0});
  CHECK(unjudged[2].wait == seconds{1});
  CHECK(unjudged[5].wait == seconds{2});
  while (!unjudged.back().refused && unjudged.size() < 100) unjudged.push_back(throttle.admit("192.0.2.9"));
  CHECK(unjudged.size() == 41);
  unjudged.clear();
  CHECK(throttle.admit("192.0.2.9").wait == milliseconds{0});
}

}  // namespace
}  // namespace posthorn::auth
