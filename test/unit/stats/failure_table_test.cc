// SPDX-License-Identifier: Apache-2.0
#include "common/stats/failure_table.h"

#include <set>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace posthorn;
using namespace posthorn::stats;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

constexpr minutes kForget{10};

UniqueFd copyOf(int fd) {
  return UniqueFd(::dup(fd));
}

}  // namespace

TEST_CASE("what one maps the other sees") {
  const auto made = FailureTable::create().value();
  const auto other = FailureTable::attach(copyOf(made->fd())).value();
  const ManualClock clock;
  const auto hash = made->hash("192.0.2.1");
  CHECK(other->hash("192.0.2.1") == hash);
  CHECK(other->markSecret() == made->markSecret());
  CHECK(other->find(hash, clock.steady(), kForget) == nullptr);
  FailureEntry* const entry = made->touch(hash, clock.steady(), kForget);
  REQUIRE(entry != nullptr);
  entry->failures.store(7);
  const FailureEntry* const seen = other->find(hash, clock.steady(), kForget);
  REQUIRE(seen != nullptr);
  CHECK(seen->failures.load() == 7);
  CHECK(other->count(clock.steady(), kForget) == 1);
  CHECK(FailureTable::create().value()->hash("192.0.2.1") != hash);
}

TEST_CASE("only a table of this release that nobody can shrink is taken") {
  CHECK(FailureTable::attach(UniqueFd()).error().code == Errc::Io);
  UniqueFd small(::memfd_create("small", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::ftruncate(small.get(), 4096) == 0);
  CHECK(FailureTable::attach(std::move(small)).error().code == Errc::Unsupported);
  const auto made = FailureTable::create().value();
  const off_t size = ::lseek(made->fd(), 0, SEEK_END);
  UniqueFd unsealed(::memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::ftruncate(unsealed.get(), size) == 0);
  CHECK(FailureTable::attach(copyOf(unsealed.get())).error().code == Errc::Denied);
  REQUIRE(::fcntl(unsealed.get(), F_ADD_SEALS, F_SEAL_SHRINK) == 0);
  CHECK(FailureTable::attach(std::move(unsealed)).error().code == Errc::Unsupported);
}

TEST_CASE("failures are forgotten, and begin anew") {
  const auto table = FailureTable::privateToProcess();
  ManualClock clock;
  const auto hash = table->hash("192.0.2.1");
  table->touch(hash, clock.steady(), kForget)->failures.store(3);
  clock.advance(minutes{9});
  CHECK(table->touch(hash, clock.steady(), kForget)->failures.load() == 3);
  clock.advance(minutes{10});
  CHECK(table->find(hash, clock.steady(), kForget) == nullptr);
  CHECK(table->count(clock.steady(), kForget) == 0);
  CHECK(table->touch(hash, clock.steady(), kForget)->failures.load() == 0);
}

TEST_CASE("the table is bounded, and among neighbours the one that was quiet longest goes") {
  const auto table = FailureTable::privateToProcess(FailureTable::kWays);
  ManualClock clock;
  for (std::size_t i = 0; i < FailureTable::kWays; ++i) {
    table->touch(table->hash(std::to_string(i)), clock.steady(), kForget)->failures.store(5);
    clock.advance(milliseconds{1});
  }
  REQUIRE(table->touch(table->hash("0"), clock.steady(), kForget) != nullptr);  // no longer the oldest
  FailureEntry* const fresh = table->touch(table->hash("new"), clock.steady(), kForget);
  CHECK(fresh->failures.load() == 0);
  CHECK(table->find(table->hash("0"), clock.steady(), kForget) != nullptr);
  CHECK(table->find(table->hash("1"), clock.steady(), kForget) == nullptr);
  CHECK(table->find(table->hash("2"), clock.steady(), kForget) != nullptr);
  CHECK(table->count(clock.steady(), kForget) == FailureTable::kWays);
}

TEST_CASE("thousands of addresses have their own entries") {
  const auto table = FailureTable::privateToProcess();
  const ManualClock clock;
  std::set<const FailureEntry*> entries;
  for (int i = 0; i < 5000; ++i)
    entries.insert(table->touch(table->hash(std::to_string(i)), clock.steady(), kForget));
  CHECK(entries.size() >= 4990);
  for (int i = 0; i < 100000; ++i)
    REQUIRE(table->touch(table->hash("more" + std::to_string(i)), clock.steady(), kForget) != nullptr);
  CHECK(table->count(clock.steady(), kForget) <= FailureTable::kCapacity);
  CHECK(table->count(clock.steady(), kForget) > FailureTable::kCapacity * 9 / 10);
}

TEST_CASE("attempts on their way are counted, and those that never end are given up") {
  const auto table = FailureTable::privateToProcess();
  ManualClock clock;
  const auto hash = table->hash("192.0.2.1");
  FailureEntry& entry = *table->touch(hash, clock.steady(), kForget);
  const auto first = FailureTable::begin(entry, clock.steady());
  const auto second = FailureTable::begin(entry, clock.steady());
  CHECK(FailureTable::running(entry, clock.steady()) == 2);
  FailureTable::end(entry, hash, first);
  CHECK(FailureTable::running(entry, clock.steady()) == 1);
  clock.advance(FailureTable::kRunningFor);
  CHECK(FailureTable::running(entry, clock.steady()) == 1);
  const auto third = FailureTable::begin(entry, clock.steady());
  CHECK(FailureTable::running(entry, clock.steady()) == 2);
  clock.advance(FailureTable::kRunningFor);
  CHECK(FailureTable::running(entry, clock.steady()) == 1);
  FailureTable::end(entry, hash, second);  // too late to matter
  FailureTable::end(entry, hash, third);
  FailureTable::end(entry, hash, third);
  CHECK(FailureTable::running(entry, clock.steady()) == 0);
  // Of an address that has lost its place to another one nothing is taken away.
  const auto fourth = FailureTable::begin(entry, clock.steady());
  FailureTable::end(entry, hash + 1, fourth);
  CHECK(FailureTable::running(entry, clock.steady()) == 1);
}
