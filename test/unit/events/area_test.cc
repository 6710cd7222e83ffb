// SPDX-License-Identifier: Apache-2.0
#include "common/events/area.h"

#include <atomic>
#include <set>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/events/notifier.h"
#include "common/stats/scoreboard.h"

using namespace posthorn;
using namespace posthorn::events;

namespace {

std::shared_ptr<Area> makeArea() {
  auto area = Area::create({1, 2});
  REQUIRE(area.ok());
  return *area;
}

UniqueFd copyOf(int fd) {
  return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

std::vector<UniqueFd> wakesOf(const Area& area) {
  std::vector<UniqueFd> wakes;
  for (std::size_t i = 0; i < area.slots(); ++i) wakes.push_back(copyOf(area.wakeFd(i)));
  return wakes;
}

bool woken(const Area& area, std::size_t slot) {
  pollfd ready{area.wakeFd(slot), POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

std::vector<std::uint32_t> dirtyOf(const Area& area, std::size_t slot) {
  std::vector<std::uint32_t> buckets;
  area.takeDirty(slot, buckets);
  return buckets;
}

}  // namespace

TEST_CASE("an announcement reaches the slots with interest and no other") {
  const auto area = makeArea();
  area->addInterest(0, 77);
  area->addInterest(63, 77);
  area->addInterest(5, 78);
  area->announce(77);
  area->announce(65535);
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const bool concerned = slot == 0 || slot == 63;
    CHECK(woken(*area, slot) == concerned);
    CHECK(dirtyOf(*area, slot) ==
          (concerned ? std::vector<std::uint32_t>{77} : std::vector<std::uint32_t>{}));
  }
  CHECK(dirtyOf(*area, 0).empty());
  area->dropInterest(0, 77);
  area->announce(77);
  CHECK(dirtyOf(*area, 0).empty());
  CHECK(dirtyOf(*area, 63) == std::vector<std::uint32_t>{77});
}

TEST_CASE("the bitmap holds every bucket at once") {
  const auto area = makeArea();
  for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) {
    area->addInterest(9, bucket);
    area->announce(bucket);
  }
  const auto dirty = dirtyOf(*area, 9);
  REQUIRE(dirty.size() == kBuckets);
  for (std::uint32_t bucket = 0; bucket < kBuckets; ++bucket) REQUIRE(dirty[bucket] == bucket);
}

TEST_CASE("a full eventfd counts as woken") {
  const auto area = makeArea();
  area->addInterest(1, 2);
  const std::uint64_t most = ~0ULL - 1;
  REQUIRE(::write(area->wakeFd(1), &most, sizeof most) == sizeof most);
  area->announce(2);
  CHECK(dirtyOf(*area, 1) == std::vector<std::uint32_t>{2});
}

TEST_CASE("another mapping of the same area is the same area") {
  const auto area = makeArea();
  CHECK(area->descriptors().size() == 1 + kSlots);
  auto other = Area::attach(copyOf(area->memoryFd()), wakesOf(*area));
  REQUIRE(other.ok());
  CHECK((*other)->bucketOf("anna") == area->bucketOf("anna"));
  area->addInterest(3, area->bucketOf("anna"));
  Notifier(std::shared_ptr<const Area>(*other)).accountChanged("anna");
  CHECK(woken(*area, 3));
  CHECK(dirtyOf(*area, 3) == std::vector<std::uint32_t>{area->bucketOf("anna")});
}

TEST_CASE("what is no area is refused") {
  const auto area = makeArea();
  auto few = wakesOf(*area);
  few.pop_back();
  CHECK(Area::attach(copyOf(area->memoryFd()), std::move(few)).error().code == Errc::Unsupported);
  UniqueFd small(::memfd_create("small", MFD_CLOEXEC));
  CHECK(Area::attach(std::move(small), wakesOf(*area)).error().code == Errc::Unsupported);
  UniqueFd unsealed(::memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(::ftruncate(unsealed.get(), sizeof(AreaLayout)) == 0);
  UniqueFd empty = copyOf(unsealed.get());
  CHECK(Area::attach(std::move(unsealed), wakesOf(*area)).error().code == Errc::Denied);
  REQUIRE(::fcntl(empty.get(), F_ADD_SEALS, F_SEAL_SHRINK) == 0);
  CHECK(Area::attach(std::move(empty), wakesOf(*area)).error().code == Errc::Unsupported);
  CHECK(Area::attach(UniqueFd(), wakesOf(*area)).error().code == Errc::Io);
  // Nobody can take the memory away from under the others.
  CHECK(::ftruncate(area->memoryFd(), 0) != 0);
}

TEST_CASE("a slot is fresh when it is assigned again") {
  const auto area = makeArea();
  SlotPool pool(area);
  std::set<std::size_t> taken;
  for (std::size_t i = 0; i < kSlots; ++i) taken.insert(pool.claim().value());
  CHECK(taken.size() == kSlots);
  CHECK_FALSE(pool.claim().has_value());
  area->addInterest(7, 1000);
  area->addInterest(8, 1000);
  area->announce(1000);
  pool.release(7);
  CHECK(area->interest(1000) == std::uint64_t{1} << 8);
  CHECK_FALSE(woken(*area, 7));
  // A committer that had read the mask before.
  area->addInterest(7, 1000);
  area->announce(1000);
  area->dropInterest(7, 1000);
  CHECK(pool.claim() == std::size_t{7});
  CHECK_FALSE(woken(*area, 7));
  CHECK(dirtyOf(*area, 7).empty());
  CHECK(woken(*area, 8));
}

TEST_CASE("the scoreboard's hash of an account leads to its bucket") {
  auto board = stats::Board::create({1, 2});
  REQUIRE(board.ok());
  const auto area = makeArea();
  for (const char* account : {"anna", "bert@example.org", "", "\xc3\xbc"})
    CHECK(Area::bucketOfHash((*board)->hash(account)) == area->bucketOf(account));
}

TEST_CASE("a notifier without an area tells nobody, one that looks for it looks once") {
  Notifier().accountChanged("anna");
  Notifier(std::shared_ptr<const Area>()).accountChanged("anna");
  int calls = 0;
  const auto area = makeArea();
  area->addInterest(0, area->bucketOf("anna"));
  const Notifier found([&]() -> std::shared_ptr<const Area> {
    ++calls;
    return area;
  });
  CHECK(calls == 0);
  found.accountChanged("anna");
  found.accountChanged("bert");
  CHECK(calls == 1);
  CHECK(woken(*area, 0));
  const Notifier missing([&]() -> std::shared_ptr<const Area> {
    ++calls;
    throw std::runtime_error("no");
  });
  missing.accountChanged("anna");
  missing.accountChanged("anna");
  CHECK(calls == 2);
}

namespace {

/// Lets two threads leave at the same instant, again and again.
class StartingLine {
 public:
  void meet() {
    const std::uint64_t mine = arrived_.fetch_add(1) / 2 + 1;
    for (int spins = 0; arrived_.load() < 2 * mine; ++spins)
      if (spins > 2000) std::this_thread::yield();  // the other one has no core now
  }

 private:
  std::atomic<std::uint64_t> arrived_{0};
};

}  // namespace

// The order of layout.h: who declares interest and then reads, and who writes and then looks for interest,
// cannot both miss the other. What proves it is the argument there; this would show a gross violation.
TEST_CASE("interest and a change at the same instant do not miss each other") {
#ifdef POSTHORN_SANITIZED
  constexpr std::uint64_t kRounds = 3000;
#else
  constexpr std::uint64_t kRounds = 200000;
#endif
  const auto area = makeArea();
  constexpr std::uint32_t kBucket = 4711;
  struct alignas(64) Version {
    std::atomic<std::uint64_t> value{0};
  } version;
  StartingLine start;
  StartingLine finish;
  std::thread committer([&] {
    for (std::uint64_t r = 1; r <= kRounds; ++r) {
      start.meet();
      for (std::uint64_t i = 0; i < r / 64 % 64; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
      version.value.store(r, std::memory_order_relaxed);
      area->announce(kBucket);
      finish.meet();
    }
  });
  std::uint64_t missed = 0;
  for (std::uint64_t r = 1; r <= kRounds; ++r) {
    start.meet();
    for (std::uint64_t i = 0; i < r % 64; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
    area->addInterest(2, kBucket);
    const std::uint64_t seen = version.value.load(std::memory_order_relaxed);
    finish.meet();
    const bool told = !dirtyOf(*area, 2).empty();
    missed += seen < r && !told ? 1 : 0;
    area->dropInterest(2, kBucket);
  }
  committer.join();
  CHECK(missed == 0);
}
