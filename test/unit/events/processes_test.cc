// SPDX-License-Identifier: Apache-2.0
// The area between processes, which are killed at any instruction.
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>

#include <catch2/catch.hpp>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/events/notifier.h"
#include "common/events/watcher.h"

using namespace posthorn;
using namespace posthorn::events;
using std::chrono::milliseconds;

namespace {

/// What the processes of a test share besides the area: the "store".
struct Shared {
  std::array<std::atomic<std::uint64_t>, 64> version;
  std::array<std::atomic<std::uint64_t>, 64> seen;
  std::atomic<std::uint64_t> rounds;
};

class SharedMemory {
 public:
  SharedMemory()
      : at_(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    REQUIRE(at_ != MAP_FAILED);
  }
  ~SharedMemory() { ::munmap(at_, sizeof(Shared)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  Shared* operator->() const { return static_cast<Shared*>(at_); }

 private:
  void* at_;
};

/// A child that is killed with SIGKILL and reaped at the end.
class Child {
 public:
  explicit Child(const std::function<void()>& work) : pid_(::fork()) {
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    work();
    ::_exit(0);
  }
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  int wait() {
    int status = -1;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

 private:
  pid_t pid_;
};

std::string name(std::size_t account) {
  return "user" + std::to_string(account);
}

bool waitFor(const std::function<bool()>& done) {
  for (int i = 0; i < 20000; ++i) {
    if (done()) return true;
    ::usleep(1000);
  }
  return false;
}

/// A worker: watches the accounts and notes the version that it last looked at.
void watchAll(const SharedMemory& shared, const std::shared_ptr<Area>& area, std::size_t slot,
              std::size_t accounts) {
  net::Loop loop;
  Watcher watcher(loop, area, slot);
  std::vector<Interest> interests;
  for (std::size_t i = 0; i < accounts; ++i) {
    interests.push_back(watcher.watch(name(i), [&shared, i] {
      shared->seen[i].store(shared->version[i].load(std::memory_order_relaxed));
    }));
    shared->seen[i].store(shared->version[i].load(std::memory_order_relaxed));
  }
  ++shared->rounds;
  loop.run();
}

void commit(const SharedMemory& shared, const Notifier& notifier, std::size_t account) {
  shared->version[account].fetch_add(1, std::memory_order_relaxed);
  notifier.accountChanged(name(account));
}

}  // namespace

TEST_CASE("a change by another process is heard") {
  constexpr std::size_t kAccounts = 16;
  const SharedMemory shared;
  const std::shared_ptr<Area> area = Area::create({5, 6}).value();
  Child watcher([&] { watchAll(shared, area, 0, kAccounts); });
  REQUIRE(waitFor([&] { return shared->rounds == 1; }));
  Child committer([&] {
    const Notifier notifier{std::shared_ptr<const Area>(area)};
    for (int i = 0; i < 5000; ++i) commit(shared, notifier, static_cast<std::size_t>(i) % kAccounts);
  });
  CHECK(committer.wait() == 0);
  CHECK(waitFor([&] {
    for (std::size_t i = 0; i < kAccounts; ++i)
      if (shared->seen[i] != shared->version[i]) return false;
    return true;
  }));
}

TEST_CASE("killed committers silence nobody") {
  constexpr std::size_t kAccounts = 8;
#ifdef POSTHORN_SANITIZED
  constexpr int kKills = 30;
#else
  constexpr int kKills = 150;
#endif
  const SharedMemory shared;
  const std::shared_ptr<Area> area = Area::create({5, 6}).value();
  Child watcher([&] { watchAll(shared, area, 0, kAccounts); });
  REQUIRE(waitFor([&] { return shared->rounds == 1; }));
  const Notifier notifier{std::shared_ptr<const Area>(area)};
  for (int kill = 0; kill < kKills; ++kill) {
    const std::uint64_t before = shared->version[0];
    Child committer([&] {
      for (std::size_t i = 0;; ++i) commit(shared, notifier, i % kAccounts);
    });
    REQUIRE(waitFor([&] { return shared->version[0] > before; }));
    ::usleep(static_cast<useconds_t>(kill % 40) * 10);
    committer.kill();
    // Whatever it left half done: the next change of each account is heard.
    for (std::size_t i = 0; i < kAccounts; ++i) commit(shared, notifier, i);
    const bool heard = waitFor([&] {
      for (std::size_t i = 0; i < kAccounts; ++i)
        if (shared->seen[i] != shared->version[i]) return false;
      return true;
    });
    REQUIRE(heard);
  }
}

TEST_CASE("a killed worker's slot serves the next one") {
  constexpr std::size_t kAccounts = 8;
#ifdef POSTHORN_SANITIZED
  constexpr int kKills = 20;
#else
  constexpr int kKills = 60;
#endif
  const SharedMemory shared;
  const std::shared_ptr<Area> area = Area::create({5, 6}).value();
  SlotPool pool(area);
  const Notifier notifier{std::shared_ptr<const Area>(area)};
  const Child committer([&] {
    for (std::size_t i = 0;; ++i) {
      commit(shared, notifier, i % kAccounts);
      if (i % 100 == 0) ::usleep(100);
    }
  });
  const std::size_t neighbour = pool.claim().value();
  area->addInterest(neighbour, area->bucketOf(name(3)));
  for (int kill = 0; kill < kKills; ++kill) {
    const std::size_t slot = pool.claim().value();
    CHECK(slot == 1);
    const std::uint64_t rounds = shared->rounds;
    Child watcher([&] { watchAll(shared, area, slot, kAccounts); });
    REQUIRE(waitFor([&] { return shared->rounds == rounds + 1; }));
    const std::uint64_t now = shared->version[3];
    REQUIRE(waitFor([&] { return shared->seen[3] > now; }));
    watcher.kill();
    pool.release(slot);
    for (std::size_t i = 0; i < kAccounts; ++i)
      REQUIRE((area->interest(area->bucketOf(name(i))) & (std::uint64_t{1} << slot)) == 0);
  }
  CHECK(area->interest(area->bucketOf(name(3))) == std::uint64_t{1} << neighbour);
}
