// SPDX-License-Identifier: Apache-2.0
#include "common/net/chore.h"

#include <atomic>

#include <catch2/catch.hpp>

#include "common/net/session_table.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace std::chrono_literals;

TEST_CASE("a chore is done again and again, whether it fails or not") {
  Loop loop;
  stats::Slot slot = stats::Slot::unshared();
  SessionTable table{loop, {}, slot};
  Jobs jobs(loop, table, {}, slot);
  std::atomic<int> turns{0};
  Chore chore(loop, jobs, 2ms, [&]() -> Status {
    if (++turns == 3) loop.post([&] { loop.stop(); });
    return makeError(Errc::Io, "no disk");
  });
  Timer patience(loop, [&] { loop.stop(); });
  patience.start(20s);
  chore.start();
  loop.run();
  CHECK(turns >= 3);
}
