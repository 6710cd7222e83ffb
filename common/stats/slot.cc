// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstring>

#include <unistd.h>

#include "common/base/assert.h"
#include "common/stats/scoreboard.h"
#include "common/stats/text.h"

namespace posthorn::stats {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr std::uint64_t kClaiming = 1;
/// A sibling whose loop was silent for this long is not trusted to take a connection.
constexpr std::uint64_t kAliveMs = 3000;

/// The entry that counts `hash`, or a free one near its place; nullptr when all neighbours are taken.
TallyEntry* findForCount(TallyTable& table, std::uint64_t hash) {
  TallyEntry* free = nullptr;
  for (std::size_t i = 0; i < kTallyProbes; ++i) {
    TallyEntry& entry = table[(hash + i) % kTallyEntries];
    if (entry.hash.load(kRelaxed) == hash) return &entry;
    if (free == nullptr && entry.count.load(kRelaxed) == 0) free = &entry;
  }
  if (free != nullptr) free->hash.store(hash, kRelaxed);
  return free;
}

bool countIn(TallyTable& table, std::uint64_t hash, Half& full) {
  TallyEntry* entry = findForCount(table, hash);
  if (entry == nullptr) {
    full.fetch_add(1, kRelaxed);
    return false;
  }
  // Sequentially consistent: two workers that count and then sum must not both miss the other's count.
  entry->count.fetch_add(1);
  return true;
}

std::uint32_t countOf(const TallyTable& table, std::uint64_t hash) {
  for (std::size_t i = 0; i < kTallyProbes; ++i) {
    const TallyEntry& entry = table[(hash + i) % kTallyEntries];
    const std::uint64_t seen = entry.hash.load();
    if (seen == hash) return entry.count.load();
    if (seen == 0) return 0;
  }
  return 0;
}

void uncountIn(TallyTable& table, std::uint64_t hash) {
  for (std::size_t i = 0; i < kTallyProbes; ++i) {
    TallyEntry& entry = table[(hash + i) % kTallyEntries];
    if (entry.hash.load(kRelaxed) != hash) continue;
    if (entry.count.load(kRelaxed) > 0) entry.count.fetch_sub(1);
    return;
  }
}

template <typename Pick>
std::uint32_t sumOver(const Board& board, std::uint64_t hash, Pick pick) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < kMaxSlots; ++i) {
    const SlotLayout& slot = board.slot(i);
    if (slot.state.load(kRelaxed) == static_cast<std::uint32_t>(State::Free)) continue;
    sum += countOf(pick(slot), hash);
  }
  return sum;
}

}  // namespace

Slot::Slot(std::shared_ptr<Board> board, std::size_t number) : board_(std::move(board)), number_(number) {
  PH_ASSERT(number_ < kMaxSlots);
  mine().pid.store(static_cast<std::uint32_t>(::getpid()), kRelaxed);
}

Slot Slot::unshared() {
  auto board = Board::privateToProcess();
  board->claim(0, 1, 0, Clock::system().steady());
  return {std::move(board), 0};
}

void Slot::add(Counter counter, std::uint64_t by) {
  mine().counters[static_cast<std::size_t>(counter)].fetch_add(by, kRelaxed);
}

void Slot::add(Gauge gauge, std::int64_t by) {
  mine().gauges[static_cast<std::size_t>(gauge)].fetch_add(static_cast<std::uint64_t>(by), kRelaxed);
}

void Slot::set(Gauge gauge, std::uint64_t value) {
  mine().gauges[static_cast<std::size_t>(gauge)].store(value, kRelaxed);
}

std::uint64_t Slot::get(Counter counter) const {
  return mine().counters[static_cast<std::size_t>(counter)].load(kRelaxed);
}

std::uint64_t Slot::get(Gauge gauge) const {
  return mine().gauges[static_cast<std::size_t>(gauge)].load(kRelaxed);
}

void Slot::enter(State state) {
  mine().state.store(static_cast<std::uint32_t>(state), std::memory_order_release);
}

State Slot::state() const {
  return static_cast<State>(mine().state.load(kRelaxed));
}

void Slot::beat(Steady now) {
  mine().heartbeatMs.store(toMillis(now), kRelaxed);
}

void Slot::nameCommands(std::span<const std::string_view> names) {
  const std::size_t count = std::min(names.size(), kMaxCommands);
  for (std::size_t i = 0; i < count; ++i) writeText(mine().commands[i].name, names[i]);
  mine().commandCount.store(static_cast<std::uint32_t>(count), std::memory_order_release);
}

void Slot::command(std::size_t index, std::chrono::microseconds took, bool ok) {
  if (index >= mine().commandCount.load(kRelaxed)) return;
  CommandStats& stats = mine().commands[index];
  stats.calls.fetch_add(1, kRelaxed);
  if (!ok) stats.failures.fetch_add(1, kRelaxed);
  stats.totalMicros.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)), kRelaxed);
  stats.latency[latencyBucket(took)].fetch_add(1, kRelaxed);
}

InFlight Slot::inFlight(std::string_view account) {
  const std::uint64_t hash = board_->hash(account);
  for (std::size_t i = 0; i < kMaxInFlight; ++i) {
    // Start at the account's own place, so that threads rarely meet at one entry.
    InFlightEntry& entry = mine().inFlight[(hash + i) % kMaxInFlight];
    std::uint64_t expected = 0;
    if (!entry.owner.compare_exchange_strong(expected, kClaiming, std::memory_order_acquire, kRelaxed))
      continue;
    writeText(entry.name, account);
    entry.owner.store(hash, std::memory_order_release);
    return {board_, &entry};
  }
  return {};
}

InFlight& InFlight::operator=(InFlight&& other) noexcept {
  if (this != &other) {
    reset();
    board_ = std::move(other.board_);
    entry_ = std::exchange(other.entry_, nullptr);
  }
  return *this;
}

void InFlight::reset() {
  if (entry_ != nullptr) entry_->owner.store(0, std::memory_order_release);
  entry_ = nullptr;
  board_.reset();
}

bool Slot::quarantined(std::string_view account) const {
  const auto& table = board_->header().quarantine;
  // The list is dense and nearly always empty.
  if (table[0].load(kRelaxed) == 0) return false;
  const std::uint64_t hash = board_->hash(account);
  return std::any_of(table.begin(), table.end(),
                     [hash](const Word& entry) { return entry.load(kRelaxed) == hash; });
}

bool Slot::countUser(std::string_view account) {
  return countIn(mine().users, board_->hash(account), mine().tallyFull);
}

void Slot::uncountUser(std::string_view account) {
  uncountIn(mine().users, board_->hash(account));
}

bool Slot::countAddress(std::string_view address) {
  return countIn(mine().addresses, board_->hash(address), mine().tallyFull);
}

void Slot::uncountAddress(std::string_view address) {
  uncountIn(mine().addresses, board_->hash(address));
}

std::uint32_t Slot::sessionsOfUser(std::string_view account) const {
  return sumOver(*board_, board_->hash(account),
                 [](const SlotLayout& s) -> const TallyTable& { return s.users; });
}

std::uint32_t Slot::sessionsOfAddress(std::string_view address) const {
  return sumOver(*board_, board_->hash(address),
                 [](const SlotLayout& s) -> const TallyTable& { return s.addresses; });
}

bool Slot::siblingHasRoom(Steady now) const {
  const std::uint64_t nowMs = toMillis(now);
  for (std::size_t i = 0; i < kMaxSlots; ++i) {
    if (i == number_) continue;
    const SlotLayout& slot = board_->slot(i);
    if (slot.state.load(kRelaxed) != static_cast<std::uint32_t>(State::Running)) continue;
    if (slot.heartbeatMs.load(kRelaxed) + kAliveMs < nowMs) continue;
    if (slot.gauges[static_cast<std::size_t>(Gauge::Sessions)].load(kRelaxed) <
        slot.gauges[static_cast<std::size_t>(Gauge::MaxSessions)].load(kRelaxed))
      return true;
  }
  return false;
}

}  // namespace posthorn::stats
