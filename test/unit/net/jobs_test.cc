// SPDX-License-Identifier: Apache-2.0
#include "common/net/jobs.h"

#include <condition_variable>
#include <memory>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "test/unit/net/fake_session.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace posthorn::net::test;
using namespace std::chrono_literals;

namespace {

/// Holds jobs until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard<std::mutex> guard(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void await(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  int waiting() {
    const std::lock_guard<std::mutex> guard(mutex_);
    return waiting_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

struct Rig {
  explicit Rig(const Jobs::Limits& limits) : jobs(loop, table, limits, slot) {
    auto made = std::make_unique<FakeSession>();
    session = made.get();
    id = table.add(std::move(made));
  }
  Loop loop;
  stats::Slot slot = stats::Slot::unshared();
  SessionTable table{loop, {}, slot};
  Jobs jobs;
  FakeSession* session = nullptr;
  SessionId id;
  int done = 0;

  Status wait(JobKind kind, Gate& gate) {
    return jobs.post<FakeSession>(
        kind, id, {},
        [&gate]() -> Status {
          gate.pass();
          return okStatus();
        },
        [this](FakeSession&, const Status&) { ++done; });
  }
};

}  // namespace

TEST_CASE("a job's value comes back to its session on the loop, unique things included") {
  Rig rig({.maxThreads = 4});
  auto handle = std::make_unique<int>(7);
  std::thread::id where;
  FakeSession* who = nullptr;
  int value = 0;
  REQUIRE(rig.jobs
              .post<FakeSession>(
                  JobKind::Store, rig.id, "anna",
                  [handle = std::move(handle), &where]() mutable -> Result<std::unique_ptr<int>> {
                    where = std::this_thread::get_id();
                    *handle *= 6;
                    return std::move(handle);
                  },
                  [&](FakeSession& session, Result<std::unique_ptr<int>> result) {
                    who = &session;
                    value = **result;
                  })
              .ok());
  REQUIRE(rig.loop.runUntil([&] { return who != nullptr; }));
  CHECK(who == rig.session);
  CHECK(value == 42);
  CHECK(where != std::this_thread::get_id());
}

TEST_CASE("what a job throws becomes an internal error") {
  Rig rig({.maxThreads = 4});
  std::optional<Error> error;
  REQUIRE(rig.jobs
              .post<FakeSession>(
                  JobKind::Store, rig.id, {}, []() -> Result<int> { throw std::runtime_error("on purpose"); },
                  [&](FakeSession&, const Result<int>& result) { error = result.error(); })
              .ok());
  REQUIRE(rig.loop.runUntil([&] { return error.has_value(); }));
  CHECK(error->code == Errc::Internal);
}

TEST_CASE("an exception after a job cuts its session") {
  Rig rig({.maxThreads = 4});
  REQUIRE(rig.jobs
              .post<FakeSession>(
                  JobKind::Store, rig.id, {}, [] { return okStatus(); },
                  [](FakeSession&, const Status&) { throw std::runtime_error("on purpose"); })
              .ok());
  REQUIRE(rig.loop.runUntil([&] { return rig.session->wasCut; }));
}

TEST_CASE("when the session is gone its result is dropped") {
  Rig rig({.maxThreads = 4});
  Gate gate;
  auto handle = std::make_shared<int>(1);
  const std::weak_ptr<int> weak = handle;
  bool called = false;
  REQUIRE(rig.jobs
              .post<FakeSession>(
                  JobKind::Store, rig.id, {},
                  [&gate, held = std::move(handle)]() mutable -> Result<std::shared_ptr<int>> {
                    gate.pass();
                    return std::move(held);
                  },
                  [&](FakeSession&, const Result<std::shared_ptr<int>>&) { called = true; })
              .ok());
  gate.await(1);
  rig.session->end();
  rig.loop.runOnce(0ms);
  gate.open();
  REQUIRE(rig.loop.runUntil([&] { return weak.expired(); }));
  CHECK_FALSE(called);
}

TEST_CASE("threads come when they are needed, up to the limit, and go when they are idle") {
  Rig rig({.maxThreads = 8, .idle = 20ms});
  CHECK(rig.jobs.counts().threads == 0);
  Gate first;
  REQUIRE(rig.wait(JobKind::Store, first).ok());
  first.await(1);
  CHECK(rig.jobs.counts().threads == 1);
  first.open();
  REQUIRE(rig.loop.runUntil([&] { return rig.done == 1; }));

  Gate gate;
  for (int i = 0; i < 20; ++i) REQUIRE(rig.wait(JobKind::Store, gate).ok());
  gate.await(7);
  CHECK(rig.jobs.counts().busy == 7);
  // The last thread is for logins, and logins have a quarter.
  Gate logins;
  for (int i = 0; i < 5; ++i) REQUIRE(rig.wait(JobKind::Auth, logins).ok());
  logins.await(1);
  CHECK(rig.jobs.counts().threads == 8);
  CHECK(rig.jobs.counts().busy == 8);
  CHECK(rig.slot.get(stats::Gauge::ThreadsTotal) == 8);
  gate.open();
  logins.open();
  REQUIRE(rig.loop.runUntil([&] { return rig.done == 26; }));
  CHECK(gate.waiting() == 20);
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (rig.jobs.counts().threads > 0 && std::chrono::steady_clock::now() < end) rig.loop.runOnce(5ms);
  CHECK(rig.jobs.counts().threads == 0);
  CHECK(rig.slot.get(stats::Gauge::ThreadsTotal) == 0);
}

TEST_CASE("logins that hang leave the store its threads") {
  Rig rig({.maxThreads = 8});
  Gate hanging;
  for (int i = 0; i < 50; ++i) REQUIRE(rig.wait(JobKind::Auth, hanging).ok());
  hanging.await(2);
  Gate open;
  open.open();
  for (int i = 0; i < 50; ++i) REQUIRE(rig.wait(JobKind::Store, open).ok());
  REQUIRE(rig.loop.runUntil([&] { return rig.done == 50; }));
  CHECK(hanging.waiting() == 2);
  hanging.open();
  REQUIRE(rig.loop.runUntil([&] { return rig.done == 100; }));
}

TEST_CASE("a full queue refuses, and the two kinds have queues of their own") {
  Rig rig({.maxThreads = 2, .maxQueued = 3});
  Gate gate;
  REQUIRE(rig.wait(JobKind::Store, gate).ok());
  gate.await(1);
  for (int i = 0; i < 3; ++i) REQUIRE(rig.wait(JobKind::Store, gate).ok());
  const Status refused = rig.wait(JobKind::Store, gate);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::Unavailable);
  CHECK(rig.wait(JobKind::Auth, gate).ok());
  gate.open();
  REQUIRE(rig.loop.runUntil([&] { return rig.done == 5; }));
}

TEST_CASE("the end of the jobs drops what waits and joins what runs") {
  Loop loop;
  const stats::Slot slot = stats::Slot::unshared();
  SessionTable table(loop, {}, slot);
  const SessionId id = table.add(std::make_unique<FakeSession>());
  const auto token = std::make_shared<int>(0);
  Gate gate;
  auto jobs = std::make_unique<Jobs>(loop, table, Jobs::Limits{.maxThreads = 4}, slot);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(jobs->post<FakeSession>(
                    JobKind::Store, id, {},
                    [&gate, token]() -> Status {
                      gate.pass();
                      return okStatus();
                    },
                    [](FakeSession&, const Status&) { FAIL("after the end"); })
                .ok());
  }
  gate.await(3);
  std::thread opener([&gate] { gate.open(); });
  jobs.reset();
  opener.join();
  for (int i = 0; i < 5; ++i) loop.runOnce(1ms);
  CHECK(token.use_count() == 1);
}
