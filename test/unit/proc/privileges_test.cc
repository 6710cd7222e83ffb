// SPDX-License-Identifier: Apache-2.0
#include "common/proc/privileges.h"

#include <catch2/catch.hpp>
#include <unistd.h>

using namespace posthorn;

TEST_CASE("workers run as an ordinary user that exists") {
  const auto nobody = proc::findUser("nobody");
  REQUIRE(nobody.ok());
  CHECK(nobody->uid != 0);
  CHECK_FALSE(nobody->groups.empty());
  CHECK(proc::findUser("no-such-user-here").error().code == Errc::NotFound);
  CHECK(proc::findUser("root").error().code == Errc::Denied);
  if (::geteuid() == 0) CHECK_FALSE(proc::alreadyRunsAs(*nobody));
}
