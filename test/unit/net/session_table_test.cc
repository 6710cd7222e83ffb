// SPDX-License-Identifier: Apache-2.0
#include "common/net/session_table.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "test/unit/net/fake_session.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace posthorn::net::test;
using namespace std::chrono_literals;

namespace {

struct Rig {
  ManualClock clock;
  Loop loop{clock};
  stats::Slot slot = stats::Slot::unshared();
  SessionTable table{loop, {.idle = 10min, .unauthenticated = 60s}, slot};

  FakeSession& add() {
    auto session = std::make_unique<FakeSession>();
    FakeSession& raw = *session;
    table.add(std::move(session));
    return raw;
  }
  FakeSession& addKnown() {
    FakeSession& session = add();
    session.markAuthenticated();
    return session;
  }
  void turn() { loop.runOnce(0ms); }
};

}  // namespace

TEST_CASE("a name finds its session until it ends, and never its successor") {
  Rig rig;
  FakeSession& first = rig.add();
  const SessionId id = first.id();
  CHECK(rig.table.find(id) == &first);
  first.end();
  CHECK(rig.table.find(id) == nullptr);
  CHECK(rig.table.size() == 1);
  rig.turn();
  CHECK(rig.table.size() == 0);
  FakeSession& second = rig.add();
  CHECK(second.id().slot == id.slot);
  CHECK(rig.table.find(id) == nullptr);
  CHECK(rig.table.find(second.id()) == &second);
  CHECK(rig.table.find({}) == nullptr);
  CHECK(rig.table.find({.slot = 99, .generation = 1}) == nullptr);
}

TEST_CASE("silent sessions are asked to leave, active ones are not") {
  Rig rig;
  FakeSession& silent = rig.addKnown();
  FakeSession& active = rig.addKnown();
  rig.clock.advance(9min);
  active.touch();
  rig.clock.advance(59s);
  rig.table.sweep();
  CHECK_FALSE(silent.parted);
  rig.clock.advance(1s);
  rig.table.sweep();
  CHECK(silent.parted == Parting::Idle);
  CHECK_FALSE(active.parted);
  rig.table.sweep();
  CHECK(silent.partings == 1);
  CHECK(rig.slot.get(stats::Counter::IdleClosed) == 1);
}

TEST_CASE("who gives up a login is a stranger again, from then on") {
  Rig rig;
  FakeSession& pooled = rig.addKnown();
  rig.clock.advance(9min);
  pooled.touch();
  FakeSession& late = rig.add();
  rig.clock.advance(20s);
  pooled.markUnauthenticated();
  CHECK_FALSE(pooled.authenticated());
  CHECK(rig.table.unauthenticated() == 2);
  CHECK(rig.table.oldestStranger(20s) == &late);
  rig.clock.advance(40s);
  pooled.touch();  // what it sends does not help
  rig.table.sweep();
  CHECK(late.parted == Parting::LoginTimeout);
  CHECK_FALSE(pooled.parted);
  rig.clock.advance(20s);
  rig.table.sweep();
  CHECK(pooled.parted == Parting::LoginTimeout);
}

TEST_CASE("who logs in again in time is known again") {
  Rig rig;
  FakeSession& pooled = rig.addKnown();
  for (int i = 0; i < 3; ++i) {
    pooled.markUnauthenticated();
    pooled.markUnauthenticated();
    CHECK(rig.table.unauthenticated() == 1);
    rig.clock.advance(59s);
    rig.table.sweep();
    pooled.markAuthenticated();
    CHECK(rig.table.unauthenticated() == 0);
  }
  rig.clock.advance(9min);
  rig.table.sweep();
  CHECK_FALSE(pooled.parted);
}

TEST_CASE("without a login the time counts from the connection, whatever the client sends") {
  Rig rig;
  FakeSession& dribbler = rig.add();
  for (int i = 0; i < 60; ++i) {
    CHECK_FALSE(dribbler.parted);
    rig.clock.advance(1s);
    dribbler.touch();
    rig.table.sweep();
  }
  CHECK(dribbler.parted == Parting::LoginTimeout);
}

TEST_CASE("a session whose command is at work is not idle") {
  Rig rig;
  FakeSession& working = rig.addKnown();
  FakeSession& idle = rig.addKnown();
  working.atWork = true;
  rig.clock.advance(11min);
  rig.table.sweep();
  CHECK_FALSE(working.parted);
  CHECK(idle.parted == Parting::Idle);
  working.atWork = false;
  rig.clock.advance(9min);
  rig.table.sweep();
  CHECK_FALSE(working.parted);
  rig.clock.advance(1min);
  rig.table.sweep();
  CHECK(working.parted == Parting::Idle);
}

TEST_CASE("the gauges follow") {
  Rig rig;
  FakeSession& one = rig.add();
  rig.add();
  CHECK(rig.slot.get(stats::Gauge::Sessions) == 2);
  CHECK(rig.slot.get(stats::Gauge::Unauthenticated) == 2);
  one.markAuthenticated();
  CHECK(rig.slot.get(stats::Gauge::Unauthenticated) == 1);
  one.end();
  rig.turn();
  CHECK(rig.slot.get(stats::Gauge::Sessions) == 1);
}

TEST_CASE("a stop asks the silent at once, the active when they are silent, the rest at the deadline") {
  Rig rig;
  FakeSession& silent = rig.addKnown();
  FakeSession& active = rig.addKnown();
  FakeSession& working = rig.addKnown();
  bool empty = false;
  rig.table.setOnEmpty([&] { empty = true; });
  rig.clock.advance(5s);
  active.touch();
  working.touch();
  working.atWork = true;
  rig.table.stop(10s);
  CHECK(silent.parted == Parting::Stopping);
  CHECK_FALSE(active.parted);
  rig.clock.advance(1s);
  rig.table.sweep();
  CHECK(active.parted == Parting::Stopping);
  CHECK_FALSE(working.parted);
  rig.clock.advance(9s);
  rig.table.sweep();
  CHECK(working.parted == Parting::Stopping);
  silent.end();
  active.end();
  rig.turn();
  CHECK_FALSE(working.wasCut);
  CHECK_FALSE(empty);
  rig.clock.advance(2s);
  rig.table.sweep();
  CHECK(working.wasCut);
  working.end();
  rig.turn();
  CHECK(empty);
}

TEST_CASE("a drain leaves sessions alone until its time is over; a stop may follow") {
  Rig rig;
  FakeSession& one = rig.addKnown();
  FakeSession& two = rig.addKnown();
  rig.table.drain(5min);
  rig.clock.advance(4min);
  rig.table.sweep();
  CHECK_FALSE(one.parted);
  two.end();
  rig.turn();
  rig.clock.advance(1min);
  rig.table.sweep();
  CHECK(one.parted == Parting::Drained);
  bool empty = false;
  rig.table.setOnEmpty([&] { empty = true; });
  rig.table.stop(0ms);
  rig.clock.advance(2s);
  rig.table.sweep();
  CHECK(one.wasCut);
  one.end();
  rig.turn();
  CHECK(empty);
}

TEST_CASE("an empty table is empty at once when it is drained or stopped") {
  Rig rig;
  int empty = 0;
  rig.table.setOnEmpty([&] { ++empty; });
  rig.table.drain(1h);
  rig.table.stop(1s);
  CHECK(empty == 1);
}

TEST_CASE("an exception at a session's begin or parting costs that session only") {
  Rig rig;
  FakeSession& calm = rig.addKnown();
  auto session = std::make_unique<FakeSession>();
  session->throwAtBegin = true;
  rig.table.add(std::move(session));
  rig.turn();
  CHECK(rig.table.size() == 1);
  FakeSession& wild = rig.addKnown();
  wild.throwAtPart = true;
  rig.clock.advance(10min);
  rig.table.sweep();
  CHECK(wild.wasCut);
  CHECK(calm.parted == Parting::Idle);
}

TEST_CASE("the longest waiting stranger is found only when it has waited") {
  Rig rig;
  FakeSession& oldest = rig.add();
  rig.clock.advance(2s);
  rig.add();
  CHECK(rig.table.oldestStranger(3s) == nullptr);
  rig.clock.advance(1s);
  CHECK(rig.table.oldestStranger(3s) == &oldest);
  oldest.atWork = true;
  CHECK(rig.table.oldestStranger(3s) == nullptr);
}

TEST_CASE("a stranger's time is kept although the others have hours") {
  Loop loop;
  SessionTable table(loop, {.idle = 10min, .unauthenticated = 1s}, stats::Slot::unshared());
  auto known = std::make_unique<FakeSession>();
  FakeSession& other = *known;
  table.add(std::move(known));
  other.markAuthenticated();
  table.sweep();  // the next one would be in ten minutes
  auto stranger = std::make_unique<FakeSession>();
  FakeSession& waiting = *stranger;
  table.add(std::move(stranger));
  CHECK(loop.runUntil([&] { return waiting.parted.has_value(); }, 5s));
  CHECK(waiting.parted == Parting::LoginTimeout);
  CHECK_FALSE(other.parted);
}

TEST_CASE("the time of those who are logged in is kept although strangers have more") {
  Loop loop;
  SessionTable table(loop, {.idle = 1s, .unauthenticated = 10min}, stats::Slot::unshared());
  auto session = std::make_unique<FakeSession>();
  FakeSession& silent = *session;
  table.add(std::move(session));
  silent.markAuthenticated();
  CHECK(loop.runUntil([&] { return silent.parted.has_value(); }, 5s));
  CHECK(silent.parted == Parting::Idle);
}
