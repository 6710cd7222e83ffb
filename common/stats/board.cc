// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <new>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "common/base/ids.h"
#include "common/stats/scoreboard.h"
#include "common/stats/siphash.h"

namespace posthorn::stats {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

Result<SegmentLayout*> mapSegment(int fd) {
  void* at =
      ::mmap(nullptr, sizeof(SegmentLayout), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (at == MAP_FAILED) return errnoError("map the scoreboard");
  // Dumps stay small and no core file carries the other workers' users.
  ::madvise(at, sizeof(SegmentLayout), MADV_DONTDUMP);
  return static_cast<SegmentLayout*>(at);
}

void writeHeader(HeaderLayout& header, std::array<std::uint64_t, 2> secret) {
  header.version.store(kLayoutVersion, kRelaxed);
  header.slots.store(kMaxSlots, kRelaxed);
  header.slotBytes.store(sizeof(SlotLayout), kRelaxed);
  header.secret[0].store(secret[0], kRelaxed);
  header.secret[1].store(secret[1], kRelaxed);
  header.magic.store(kLayoutMagic, std::memory_order_release);
}

}  // namespace

Result<std::shared_ptr<Board>> Board::create(std::array<std::uint64_t, 2> secret) {
  UniqueFd fd(::memfd_create("posthorn-scoreboard", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return errnoError("create the scoreboard");
  if (::ftruncate(fd.get(), sizeof(SegmentLayout)) != 0) return errnoError("size the scoreboard");
  // A worker that shrank the segment would kill all others by SIGBUS.
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return errnoError("seal the scoreboard");
  PH_TRY(SegmentLayout * segment, mapSegment(fd.get()));
  auto board = std::make_shared<Board>(segment, std::move(fd));
  writeHeader(board->header(), secret);
  return board;
}

Result<std::shared_ptr<Board>> Board::attach(UniqueFd fd) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errnoError("look at the scoreboard");
  if (static_cast<std::uint64_t>(info.st_size) != sizeof(SegmentLayout))
    return makeError(Errc::Unsupported, "the scoreboard has the size of another release");
  PH_TRY(SegmentLayout * segment, mapSegment(fd.get()));
  auto board = std::make_shared<Board>(segment, UniqueFd());
  const HeaderLayout& header = board->header();
  if (header.magic.load(std::memory_order_acquire) != kLayoutMagic ||
      header.version.load() != kLayoutVersion || header.slots.load() != kMaxSlots ||
      header.slotBytes.load() != sizeof(SlotLayout))
    return makeError(Errc::Unsupported, "the scoreboard has the layout of another release");
  return board;
}

std::shared_ptr<Board> Board::privateToProcess() {
  void* at = ::mmap(nullptr, sizeof(SegmentLayout), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  auto board = std::make_shared<Board>(static_cast<SegmentLayout*>(at), UniqueFd());
  std::array<std::uint64_t, 2> secret{};
  randomBytes(secret.data(), sizeof secret);
  writeHeader(board->header(), secret);
  return board;
}

Board::~Board() {
  ::munmap(segment_, sizeof(SegmentLayout));
}

std::uint64_t Board::hash(std::string_view text) const {
  const std::array<std::uint64_t, 2> key{header().secret[0].load(kRelaxed),
                                         header().secret[1].load(kRelaxed)};
  return std::max<std::uint64_t>(sipHash(key, text), 2);
}

void Board::claim(std::size_t number, std::uint64_t generation, std::uint32_t index, Steady now) {
  SlotLayout& slot = this->slot(number);
  // Punching a hole zeroes the slot and gives its pages back in one step; a segment of this process has no
  // file.
  const auto offset = static_cast<off_t>(reinterpret_cast<char*>(&slot) - reinterpret_cast<char*>(segment_));
  if (!fd_ || ::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, sizeof slot) != 0)
    new (&slot) SlotLayout();
  slot.generation.store(generation, kRelaxed);
  slot.index.store(index, kRelaxed);
  slot.startedMs.store(toMillis(now), kRelaxed);
  slot.state.store(static_cast<std::uint32_t>(State::Starting), std::memory_order_release);
}

void Board::release(std::size_t number) {
  slot(number).state.store(static_cast<std::uint32_t>(State::Free), std::memory_order_release);
}

void Board::setQuarantine(std::span<const std::uint64_t> hashes) {
  auto& table = header().quarantine;
  for (std::size_t i = 0; i < table.size(); ++i) table[i].store(i < hashes.size() ? hashes[i] : 0, kRelaxed);
}

}  // namespace posthorn::stats
