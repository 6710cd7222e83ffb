// SPDX-License-Identifier: Apache-2.0
#include "common/stats/failure_table.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/ids.h"
#include "common/stats/scoreboard.h"
#include "common/stats/siphash.h"

namespace posthorn::stats {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr int kMostRaces = 8;

constexpr std::size_t sizeFor(std::size_t capacity) {
  return sizeof(FailureLayout) + (capacity - 1) * sizeof(FailureEntry);
}

Result<FailureLayout*> map(int fd, std::size_t capacity) {
  const int kind = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void* at = ::mmap(nullptr, sizeFor(capacity), PROT_READ | PROT_WRITE, kind | MAP_NORESERVE, fd, 0);
  if (at == MAP_FAILED) return errnoError("map the table of failures");
  ::madvise(at, sizeFor(capacity), MADV_DONTDUMP);
  return static_cast<FailureLayout*>(at);
}

void writeHeader(FailureHeader& header, std::size_t capacity) {
  std::array<std::uint64_t, 6> secret{};
  randomBytes(secret.data(), sizeof secret);
  for (std::size_t i = 0; i < 2; ++i) header.addressSecret[i].store(secret[i], kRelaxed);
  for (std::size_t i = 0; i < 4; ++i) header.markSecret[i].store(secret[i + 2], kRelaxed);
  header.version.store(kFailureVersion, kRelaxed);
  header.capacity.store(static_cast<std::uint32_t>(capacity), kRelaxed);
  header.magic.store(kFailureMagic, std::memory_order_release);
}

bool isOurs(const FailureHeader& header) {
  return header.magic.load(std::memory_order_acquire) == kFailureMagic &&
         header.version.load(kRelaxed) == kFailureVersion &&
         header.capacity.load(kRelaxed) == FailureTable::kCapacity;
}

void clear(FailureEntry& entry) {
  entry.term.store(0, kRelaxed);
  entry.failures.store(0, kRelaxed);
  entry.marked.store(0, kRelaxed);
  for (Word& mark : entry.marks) mark.store(0, kRelaxed);
  for (Word& word : entry.running) word.store(0, kRelaxed);
}

bool forgotten(const FailureEntry& entry, Steady now, std::chrono::milliseconds forget) {
  return entry.lastSeenMs.load(kRelaxed) + static_cast<std::uint64_t>(forget.count()) <= toMillis(now);
}

// The low bits of a word are a count, the others say since when.
constexpr unsigned kCountBits = 16;
constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;

std::uint64_t periodAt(Steady now) {
  return toMillis(now) /
         static_cast<std::uint64_t>(std::chrono::milliseconds(FailureTable::kRunningFor).count());
}

}  // namespace

Result<std::shared_ptr<FailureTable>> FailureTable::create() {
  UniqueFd fd(::memfd_create("posthorn-failures", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return errnoError("create the table of failures");
  if (::ftruncate(fd.get(), sizeFor(kCapacity)) != 0) return errnoError("size the table of failures");
  // Whoever shrank it would kill all others by SIGBUS.
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return errnoError("seal the table of failures");
  PH_TRY(FailureLayout * memory, map(fd.get(), kCapacity));
  writeHeader(memory->header, kCapacity);
  return std::make_shared<FailureTable>(memory, kCapacity, std::move(fd));
}

Result<std::shared_ptr<FailureTable>> FailureTable::attach(UniqueFd fd) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errnoError("look at the table of failures");
  if (static_cast<std::uint64_t>(info.st_size) != sizeFor(kCapacity))
    return makeError(Errc::Unsupported, "the table of failures has the size of another release");
  const int seals = ::fcntl(fd.get(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0)
    return makeError(Errc::Denied, "the table of failures is not sealed");
  PH_TRY(FailureLayout * memory, map(fd.get(), kCapacity));
  auto table = std::make_shared<FailureTable>(memory, kCapacity, UniqueFd());
  if (!isOurs(memory->header))
    return makeError(Errc::Unsupported, "the table of failures has the layout of another release");
  return table;
}

std::shared_ptr<FailureTable> FailureTable::privateToProcess(std::size_t capacity) {
  const std::size_t least = std::clamp<std::size_t>(capacity, 1, kCapacity);
  auto memory = map(-1, least);
  if (!memory.ok()) throw std::bad_alloc();
  writeHeader((*memory)->header, least);
  return std::make_shared<FailureTable>(*memory, least, UniqueFd());
}

FailureTable::~FailureTable() {
  ::munmap(memory_, sizeFor(capacity_));
}

std::uint64_t FailureTable::hash(std::string_view address) const {
  const auto& secret = memory_->header.addressSecret;
  return std::max<std::uint64_t>(sipHash({secret[0].load(kRelaxed), secret[1].load(kRelaxed)}, address), 1);
}

std::array<unsigned char, 32> FailureTable::markSecret() const {
  std::array<unsigned char, 32> secret{};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t word = memory_->header.markSecret[i].load(kRelaxed);
    std::memcpy(secret.data() + i * sizeof word, &word, sizeof word);
  }
  return secret;
}

bool FailureTable::knows(std::uint64_t mark) const {
  const auto& known = memory_->header.known;
  return std::any_of(known.begin(), known.end(),
                     [&](const Word& word) { return word.load(kRelaxed) == mark; });
}

void FailureTable::remember(std::uint64_t mark) const {
  if (knows(mark)) return;
  FailureHeader& header = memory_->header;
  header.known[header.knownNext.fetch_add(1) % header.known.size()].store(mark, kRelaxed);
}

FailureEntry* FailureTable::setOf(std::uint64_t hash) const {
  const std::size_t sets = std::max<std::size_t>(1, capacity_ / kWays);
  return memory_->entries.data() + (hash % sets) * ways();
}

FailureEntry* FailureTable::find(std::uint64_t hash, Steady now, std::chrono::milliseconds forget) const {
  FailureEntry* const set = setOf(hash);
  FailureEntry* const found = std::find_if(
      set, set + ways(), [&](const FailureEntry& entry) { return entry.key.load(kRelaxed) == hash; });
  return found == set + ways() || forgotten(*found, now, forget) ? nullptr : found;
}

FailureEntry* FailureTable::touch(std::uint64_t hash, Steady now, std::chrono::milliseconds forget) const {
  FailureEntry* const set = setOf(hash);
  for (int race = 0; race < kMostRaces; ++race) {
    FailureEntry* place = std::find_if(
        set, set + ways(), [&](const FailureEntry& entry) { return entry.key.load(kRelaxed) == hash; });
    const bool known = place != set + ways();
    if (!known)
      place = std::min_element(set, set + ways(), [](const FailureEntry& a, const FailureEntry& b) {
        return a.lastSeenMs.load(kRelaxed) < b.lastSeenMs.load(kRelaxed);
      });
    // All who look for a place at once choose the same one, so that an address does not get two.
    std::uint64_t before = place->key.load(kRelaxed);
    if (!known && !place->key.compare_exchange_strong(before, hash)) continue;
    if (!known || forgotten(*place, now, forget)) clear(*place);
    place->lastSeenMs.store(toMillis(now), kRelaxed);
    return place;
  }
  return nullptr;
}

std::size_t FailureTable::count(Steady now, std::chrono::milliseconds forget) const {
  const FailureEntry* const all = memory_->entries.data();
  return static_cast<std::size_t>(std::count_if(all, all + capacity_, [&](const FailureEntry& entry) {
    return entry.key.load(kRelaxed) != 0 && !forgotten(entry, now, forget);
  }));
}

std::size_t FailureTable::running(const FailureEntry& entry, Steady now) {
  const std::uint64_t period = periodAt(now);
  std::size_t sum = 0;
  for (const Word& counted : entry.running) {
    const std::uint64_t word = counted.load(kRelaxed);
    if ((word >> kCountBits) + 1 >= period) sum += word & kCountMask;
  }
  return sum;
}

std::uint64_t FailureTable::begin(FailureEntry& entry, Steady now) {
  const std::uint64_t period = periodAt(now);
  Word& counted = entry.running[period % entry.running.size()];
  std::uint64_t before = counted.load(kRelaxed);
  while (true) {
    const std::uint64_t own = before >> kCountBits == period ? before : period << kCountBits;
    if ((own & kCountMask) == kCountMask || counted.compare_exchange_weak(before, own + 1)) return period;
  }
}

void FailureTable::end(FailureEntry& entry, std::uint64_t hash, std::uint64_t begun) {
  if (entry.key.load(kRelaxed) != hash) return;
  Word& counted = entry.running[begun % entry.running.size()];
  std::uint64_t before = counted.load(kRelaxed);
  while (before >> kCountBits == begun && (before & kCountMask) != 0 &&
         !counted.compare_exchange_weak(before, before - 1)) {
  }
}

}  // namespace posthorn::stats
