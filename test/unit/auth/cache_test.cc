// SPDX-License-Identifier: Apache-2.0
#include "common/auth/cache.h"

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

Secret secret(const char* text) {
  return Secret(std::string(text));
}

Account account(const std::string& id) {
  Account a;
  a.id = id;
  return a;
}

TEST_CASE("the cache knows right passwords until they grow old") {
  ManualClock clock;
  Cache cache(10, std::chrono::seconds{60}, clock);
  cache.remember("PLAIN", "anna@", secret("a"), 1, account("anna"));
  REQUIRE(cache.find("PLAIN", "anna@", secret("a"), 1));
  CHECK(cache.find("PLAIN", "anna@", secret("a"), 1)->id == "anna");
  CHECK_FALSE(cache.find("PLAIN", "anna@", secret("b"), 1));
  CHECK(cache.find("PLAIN", "anna@", secret("a"), 1));
  CHECK_FALSE(cache.find("LOGIN", "anna@", secret("a"), 1));
  CHECK_FALSE(cache.find("PLAIN", "bert@", secret("a"), 1));
  // The border between mechanism and login is part of the key.
  CHECK_FALSE(cache.find("PLAINa", "nna@", secret("a"), 1));
  clock.advance(std::chrono::seconds{60});
  CHECK_FALSE(cache.find("PLAIN", "anna@", secret("a"), 1));
  CHECK(cache.size() == 0);
}

TEST_CASE("another revision of the directory empties an entry") {
  ManualClock clock;
  Cache cache(10, std::chrono::seconds{60}, clock);
  cache.remember("PLAIN", "anna@", secret("a"), 1, account("anna"));
  CHECK_FALSE(cache.find("PLAIN", "anna@", secret("a"), 2));
  CHECK(cache.size() == 0);
}

TEST_CASE("the least recently used entry goes first") {
  ManualClock clock;
  Cache cache(2, std::chrono::seconds{60}, clock);
  cache.remember("P", "a", secret("x"), 1, account("a"));
  cache.remember("P", "b", secret("x"), 1, account("b"));
  CHECK(cache.find("P", "a", secret("x"), 1));
  cache.remember("P", "c", secret("x"), 1, account("c"));
  CHECK(cache.size() == 2);
  CHECK(cache.find("P", "a", secret("x"), 1));
  CHECK_FALSE(cache.find("P", "b", secret("x"), 1));
  CHECK(cache.find("P", "c", secret("x"), 1));
}

TEST_CASE("a new password takes the old one's place, and a flush takes all") {
  ManualClock clock;
  Cache cache(2, std::chrono::seconds{60}, clock);
  cache.remember("P", "a", secret("x"), 1, account("a"));
  cache.remember("P", "a", secret("y"), 1, account("a"));
  CHECK(cache.size() == 1);
  CHECK_FALSE(cache.find("P", "a", secret("x"), 1));
  CHECK(cache.find("P", "a", secret("y"), 1));
  cache.flush();
  CHECK(cache.size() == 0);
  CHECK_FALSE(cache.find("P", "a", secret("y"), 1));
}

TEST_CASE("a cache without room or time remembers nothing") {
  ManualClock clock;
  Cache none(0, std::chrono::seconds{60}, clock);
  none.remember("P", "a", secret("x"), 1, account("a"));
  CHECK_FALSE(none.find("P", "a", secret("x"), 1));
  Cache brief(5, std::chrono::seconds{0}, clock);
  brief.remember("P", "a", secret("x"), 1, account("a"));
  CHECK(brief.size() == 0);
}

}  // namespace
}  // namespace posthorn::auth
