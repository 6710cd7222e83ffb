// SPDX-License-Identifier: Apache-2.0
#include "popd/poll_times.h"

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace posthorn;
using namespace posthorn::popd;
using std::chrono::seconds;

namespace {
const Wall kNow{seconds{1'700'000'000}};
}

TEST_CASE("a login is too soon until the gap has passed") {
  const auto times = PollTimes::unshared();
  CHECK(times->mayLogIn("anna", seconds{60}, kNow));
  times->record("anna", kNow);
  CHECK_FALSE(times->mayLogIn("anna", seconds{60}, kNow + seconds{59}));
  CHECK(times->mayLogIn("anna", seconds{60}, kNow + seconds{60}));
  CHECK(times->mayLogIn("bert", seconds{60}, kNow));
  CHECK(times->mayLogIn("anna", seconds{60}, kNow - seconds{5}));
}

TEST_CASE("many users forget some logins but invent none") {
  const auto times = PollTimes::unshared();
  for (int i = 0; i < 100'000; ++i) times->record("user" + std::to_string(i), kNow + seconds{i / 1000});
  int remembered = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (!times->mayLogIn("user" + std::to_string(i), seconds{3600}, kNow + seconds{100})) ++remembered;
    CHECK(times->mayLogIn("other" + std::to_string(i), seconds{3600}, kNow + seconds{100}));
  }
  CHECK(remembered > 50'000);
}

TEST_CASE("two processes share one file") {
  char path[] = "/tmp/posthorn-polls-XXXXXX";
  const int fd = ::mkstemp(path);
  REQUIRE(fd >= 0);
  ::close(fd);
  {
    auto one = PollTimes::open(path);
    auto two = PollTimes::open(path);
    REQUIRE(one.ok());
    REQUIRE(two.ok());
    (*one)->record("anna", kNow);
    CHECK_FALSE((*two)->mayLogIn("anna", seconds{60}, kNow));
  }
  auto later = PollTimes::open(path);
  REQUIRE(later.ok());
  CHECK_FALSE((*later)->mayLogIn("anna", seconds{60}, kNow));
  ::unlink(path);
  CHECK_FALSE(PollTimes::open("/nonexistent/polls").ok());
}
