// SPDX-License-Identifier: Apache-2.0
#include "common/events/area.h"

#include <bit>
#include <cerrno>
#include <new>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/base/ids.h"
#include "common/stats/siphash.h"

namespace posthorn::events {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

std::uint64_t bitOf(std::size_t place) {
  return std::uint64_t{1} << (place % 64);
}

Result<AreaLayout*> mapArea(int fd) {
  void* at = ::mmap(nullptr, sizeof(AreaLayout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return errnoError("map the event area");
  ::madvise(at, sizeof(AreaLayout), MADV_DONTDUMP);
  return static_cast<AreaLayout*>(at);
}

void writeHeader(HeaderLayout& header, const std::array<std::uint64_t, 2>& secret) {
  header.version.store(kAreaVersion, kRelaxed);
  header.slots.store(kSlots, kRelaxed);
  header.buckets.store(kBuckets, kRelaxed);
  header.secret[0].store(secret[0], kRelaxed);
  header.secret[1].store(secret[1], kRelaxed);
  header.magic.store(kAreaMagic, std::memory_order_release);
}

bool isOurs(const HeaderLayout& header) {
  return header.magic.load(std::memory_order_acquire) == kAreaMagic &&
         header.version.load(kRelaxed) == kAreaVersion && header.slots.load(kRelaxed) == kSlots &&
         header.buckets.load(kRelaxed) == kBuckets;
}

}  // namespace

Result<std::shared_ptr<Area>> Area::create(std::array<std::uint64_t, 2> secret, std::size_t slots) {
  PH_ASSERT(slots <= kSlots);
  UniqueFd fd(::memfd_create("posthorn-events", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return errnoError("create the event area");
  if (::ftruncate(fd.get(), sizeof(AreaLayout)) != 0) return errnoError("size the event area");
  // Whoever shrank it would kill all others by SIGBUS.
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return errnoError("seal the event area");
  std::vector<UniqueFd> wakes;
  for (std::size_t i = 0; i < slots; ++i) {
    wakes.emplace_back(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wakes.back()) return errnoError("make an eventfd");
  }
  PH_TRY(AreaLayout * memory, mapArea(fd.get()));
  writeHeader(memory->header, secret);
  return std::make_shared<Area>(memory, std::move(fd), std::move(wakes));
}

Result<std::shared_ptr<Area>> Area::attach(UniqueFd memory, std::vector<UniqueFd> wakes) {
  if (wakes.size() != kSlots)
    return makeError(Errc::Unsupported, "the event area has the slots of another release");
  struct stat info {};
  if (::fstat(memory.get(), &info) != 0) return errnoError("look at the event area");
  if (static_cast<std::uint64_t>(info.st_size) != sizeof(AreaLayout))
    return makeError(Errc::Unsupported, "the event area has the size of another release");
  const int seals = ::fcntl(memory.get(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0)
    return makeError(Errc::Denied, "the event area is not sealed");
  PH_TRY(AreaLayout * mapped, mapArea(memory.get()));
  auto area = std::make_shared<Area>(mapped, UniqueFd(), std::move(wakes));
  if (!isOurs(mapped->header))
    return makeError(Errc::Unsupported, "the event area has the layout of another release");
  return area;
}

std::shared_ptr<Area> Area::privateToProcess() {
  std::array<std::uint64_t, 2> secret{};
  randomBytes(secret.data(), sizeof secret);
  auto area = create(secret, 1);
  if (!area.ok()) throw std::bad_alloc();
  return std::move(area).value();
}

Area::~Area() {
  ::munmap(memory_, sizeof(AreaLayout));
}

std::uint32_t Area::bucketOf(View account) const {
  const std::array<std::uint64_t, 2> key{memory_->header.secret[0].load(kRelaxed),
                                         memory_->header.secret[1].load(kRelaxed)};
  return bucketOfHash(stats::sipHash(key, account));
}

void Area::announce(std::uint32_t bucket) const {
  // layout.h says why this is no load.
  std::uint64_t left = memory_->interest[bucket].fetch_or(0, std::memory_order_acq_rel);
  while (left != 0) {
    const auto slot = static_cast<std::size_t>(std::countr_zero(left));
    left &= left - 1;
    if (slot >= wakes_.size()) continue;
    memory_->slots[slot].dirty[bucket / 64].fetch_or(bitOf(bucket), std::memory_order_release);
    const std::uint64_t one = 1;
    // EAGAIN: the count is at its end, so the worker has been woken often enough.
    while (::write(wakes_[slot].get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
  }
}

void Area::addInterest(std::size_t slot, std::uint32_t bucket) const {
  memory_->interest[bucket].fetch_or(bitOf(slot), std::memory_order_acq_rel);
}

void Area::dropInterest(std::size_t slot, std::uint32_t bucket) const {
  memory_->interest[bucket].fetch_and(~bitOf(slot), std::memory_order_acq_rel);
}

void Area::takeDirty(std::size_t slot, std::vector<std::uint32_t>& buckets) const {
  auto& words = memory_->slots[slot].dirty;
  for (std::uint32_t i = 0; i < kDirtyWords; ++i) {
    if (words[i].load(kRelaxed) == 0) continue;
    for (std::uint64_t left = words[i].exchange(0, std::memory_order_acquire); left != 0; left &= left - 1)
      buckets.push_back(i * 64 + static_cast<std::uint32_t>(std::countr_zero(left)));
  }
}

void Area::resetSlot(std::size_t slot) const {
  for (Word& word : memory_->interest) {
    if ((word.load(kRelaxed) & bitOf(slot)) != 0) word.fetch_and(~bitOf(slot), std::memory_order_acq_rel);
  }
  for (Word& word : memory_->slots[slot].dirty) word.store(0, kRelaxed);
  std::uint64_t count = 0;
  while (::read(wakes_[slot].get(), &count, sizeof count) < 0 && errno == EINTR) {
  }
}

std::vector<int> Area::descriptors() const {
  std::vector<int> all{fd_.get()};
  for (const UniqueFd& wake : wakes_) all.push_back(wake.get());
  return all;
}

void Area::want(std::uint64_t types) const {
  memory_->header.wanted.store(types, std::memory_order_release);
}

std::uint64_t Area::wanted() const noexcept {
  return memory_->header.wanted.load(std::memory_order_acquire);
}

std::uint64_t Area::interest(std::uint32_t bucket) const {
  return memory_->interest[bucket].load(std::memory_order_acquire);
}

std::optional<std::size_t> SlotPool::claim() {
  const auto slot = static_cast<std::size_t>(std::countr_one(taken_));
  if (slot >= area_->slots()) return std::nullopt;
  taken_ |= bitOf(slot);
  area_->resetSlot(slot);
  return slot;
}

void SlotPool::release(std::size_t slot) {
  taken_ &= ~bitOf(slot);
  area_->resetSlot(slot);
}

}  // namespace posthorn::events
