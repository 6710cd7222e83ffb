// SPDX-License-Identifier: Apache-2.0
#include "popd/poll_times.h"

#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/base/assert.h"
#include "common/base/ids.h"
#include "common/base/unique_fd.h"

namespace posthorn::popd {
namespace {

constexpr std::uint64_t kMagic = 0x31304C4C4F50ULL;  // "POLL01"
constexpr std::size_t kEntries = 1U << 16U;
constexpr std::size_t kNeighbours = 16;

struct Entry {
  std::atomic<std::uint64_t> user;  // hash, 0 is free
  std::atomic<std::int64_t> millis;
};
struct Table {
  std::atomic<std::uint64_t> magic;
  std::uint64_t unused;
  Entry entries[kEntries];
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "the table is shared between processes");

std::uint64_t hashOf(View user) {
  const std::uint64_t hash = stableHash(user);
  return hash == 0 ? 1 : hash;
}

std::int64_t toMillis(Wall time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Entry& neighbour(Table& table, std::uint64_t hash, std::size_t i) {
  return table.entries[(hash + i) % kEntries];
}

}  // namespace

Result<std::shared_ptr<PollTimes>> PollTimes::open(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errnoError("cannot open " + path);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errnoError("cannot look at " + path);
  // Never shrunk: another process may have it mapped.
  if (static_cast<std::size_t>(info.st_size) < sizeof(Table) && ::ftruncate(fd.get(), sizeof(Table)) != 0)
    return errnoError("cannot extend " + path);
  void* mapped = ::mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (mapped == MAP_FAILED) return errnoError("cannot map " + path);
  auto* table = static_cast<Table*>(mapped);
  // Foreign octets read as logins of nobody, at times that count for nothing; only the mark is put right.
  table->magic.store(kMagic, std::memory_order_relaxed);
  return std::make_shared<PollTimes>(mapped, sizeof(Table));
}

std::shared_ptr<PollTimes> PollTimes::unshared() {
  void* mapped = ::mmap(nullptr, sizeof(Table), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  PH_ASSERT(mapped != MAP_FAILED);
  return std::make_shared<PollTimes>(mapped, sizeof(Table));
}

PollTimes::~PollTimes() {
  ::munmap(table_, size_);
}

bool PollTimes::mayLogIn(View user, std::chrono::seconds gap, Wall now) const {
  auto& table = *static_cast<Table*>(table_);
  const std::uint64_t hash = hashOf(user);
  for (std::size_t i = 0; i < kNeighbours; ++i) {
    Entry& entry = neighbour(table, hash, i);
    if (entry.user.load(std::memory_order_relaxed) != hash) continue;
    const std::int64_t age = toMillis(now) - entry.millis.load(std::memory_order_relaxed);
    return age < 0 || age >= std::chrono::milliseconds(gap).count();
  }
  return true;
}

void PollTimes::record(View user, Wall now) {
  auto& table = *static_cast<Table*>(table_);
  const std::uint64_t hash = hashOf(user);
  Entry* chosen = nullptr;
  for (std::size_t i = 0; i < kNeighbours; ++i) {
    Entry& entry = neighbour(table, hash, i);
    const std::uint64_t there = entry.user.load(std::memory_order_relaxed);
    if (there == hash) {
      chosen = &entry;
      break;
    }
    const auto time = [](const Entry& e) { return e.millis.load(std::memory_order_relaxed); };
    if (chosen == nullptr || (there == 0 && chosen->user.load(std::memory_order_relaxed) != 0) ||
        (chosen->user.load(std::memory_order_relaxed) != 0 && time(entry) < time(*chosen)))
      chosen = &entry;
  }
  chosen->millis.store(toMillis(now), std::memory_order_relaxed);
  chosen->user.store(hash, std::memory_order_relaxed);
}

}  // namespace posthorn::popd
