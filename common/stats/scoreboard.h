// SPDX-License-Identifier: Apache-2.0
#pragma once

// The scoreboard: one shared memory segment for each service, one slot for each of its workers. A worker
// writes its own slot through stats::Slot and may read its siblings' (is there room? how many sessions has
// this user?); master reads all of them. Sums are made when they are asked for, so a worker that dies takes
// its counts with it. The segment is sparse: memory is used for slots and entries that were touched only.

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/stats/layout.h"

namespace posthorn::stats {

std::string_view toString(State state);
std::string_view toString(Counter counter);
std::string_view toString(Gauge gauge);

/// The bucket of a latency: floor(log2(microseconds)), the last one for all that is longer.
std::size_t latencyBucket(std::chrono::microseconds took);

/// Milliseconds of the steady clock, as the segment holds times: the same in all processes of one machine.
std::uint64_t toMillis(Steady time);

/// A mapped segment. Master creates it, a worker attaches to the descriptor that it was handed.
class Board {
 public:
  /// A new segment in a memfd; `secret` keys the hashes (two random words, the same for all services of a
  /// master).
  static Result<std::shared_ptr<Board>> create(std::array<std::uint64_t, 2> secret);
  /// Maps an existing one. Errc::Unsupported when its layout is not this release's. Closes `fd` afterwards.
  static Result<std::shared_ptr<Board>> attach(UniqueFd fd);
  /// A segment of this process alone, for tests and for workers that run without master.
  static std::shared_ptr<Board> privateToProcess();

  explicit Board(SegmentLayout* segment, UniqueFd fd) : segment_(segment), fd_(std::move(fd)) {}
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] SlotLayout& slot(std::size_t number) const { return segment_->slots[number]; }
  [[nodiscard]] HeaderLayout& header() const { return segment_->header; }
  /// The keyed hash of a user or address, never 0 or 1. Any thread.
  [[nodiscard]] std::uint64_t hash(std::string_view text) const;

  // Master's side.
  /// Zeroes a free slot (giving its memory back) and marks it Starting; its worker attaches afterwards.
  void claim(std::size_t number, std::uint64_t generation, std::uint32_t index, Steady now);
  /// After the worker was reaped: nothing of it counts any more.
  void release(std::size_t number);
  /// Replaces the list of refused accounts (hashes; at most kMaxQuarantined are kept).
  void setQuarantine(std::span<const std::uint64_t> hashes);

 private:
  SegmentLayout* segment_;
  UniqueFd fd_;
};

/// Marks an account as being worked on for as long as it lives: if the process crashes meanwhile, master
/// counts the crash against the account. Made by Slot::inFlight; movable into a job; any thread.
class InFlight {
 public:
  InFlight() = default;
  InFlight(std::shared_ptr<Board> board, InFlightEntry* entry) : board_(std::move(board)), entry_(entry) {}
  InFlight(InFlight&& other) noexcept
      : board_(std::move(other.board_)), entry_(std::exchange(other.entry_, nullptr)) {}
  InFlight& operator=(InFlight&& other) noexcept;
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() { reset(); }
  void reset();

 private:
  std::shared_ptr<Board> board_;
  InFlightEntry* entry_ = nullptr;
};

/// A worker's own slot. A value: copy it freely, the segment lives as long as any copy. All functions may be
/// called from any thread unless they say otherwise, none blocks, none fails.
class Slot {
 public:
  /// Writes to slot `number` of `board`.
  Slot(std::shared_ptr<Board> board, std::size_t number);
  /// A slot that nobody else sees: tests, workers without master.
  static Slot unshared();

  [[nodiscard]] std::size_t number() const { return number_; }

  void add(Counter counter, std::uint64_t by = 1);
  void add(Gauge gauge, std::int64_t by);
  void set(Gauge gauge, std::uint64_t value);
  [[nodiscard]] std::uint64_t get(Counter counter) const;
  [[nodiscard]] std::uint64_t get(Gauge gauge) const;

  void enter(State state);
  [[nodiscard]] State state() const;
  /// The loop is alive: called by proc once a second.
  void beat(Steady now);

  /// Names the commands that `command(index, ...)` counts; once, before the first one. At most kMaxCommands.
  void nameCommands(std::span<const std::string_view> names);
  /// One command was answered. An index past the named ones counts nothing.
  void command(std::size_t index, std::chrono::microseconds took, bool ok = true);

  /// Marks `account` (the canonical id) as worked on. When all entries are taken the mark is empty.
  [[nodiscard]] InFlight inFlight(std::string_view account);

  /// True when `account` is refused because it was in flight in three crashes; the operator ends that with
  /// `refresh` (msgstat lists them).
  [[nodiscard]] bool quarantined(std::string_view account) const;

  /// Per-user and per-address session counts. Count first, then compare the sum with the limit, so that two
  /// workers cannot both let the last one in. Loop thread only. False: the table has no room, the session is
  /// not counted (and must not be uncounted).
  bool countUser(std::string_view account);
  void uncountUser(std::string_view account);
  bool countAddress(std::string_view address);
  void uncountAddress(std::string_view address);
  /// Summed over all living workers of this service, draining ones included.
  [[nodiscard]] std::uint32_t sessionsOfUser(std::string_view account) const;
  [[nodiscard]] std::uint32_t sessionsOfAddress(std::string_view address) const;

  /// Whether another running worker of this service, whose loop is alive, has room for one more session. A
  /// full worker stops accepting while this is true and refuses politely while it is false.
  [[nodiscard]] bool siblingHasRoom(Steady now) const;

 private:
  [[nodiscard]] SlotLayout& mine() const { return board_->slot(number_); }
  std::shared_ptr<Board> board_;
  std::size_t number_;
};

/// One command of one worker (or summed over several).
struct CommandView {
  std::string name;
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::uint64_t totalMicros = 0;
  std::array<std::uint64_t, kLatencyBuckets> latency{};
};

struct AccountView {
  std::uint64_t hash = 0;
  std::string name;  ///< cut at kAccountNameBytes
};

/// A copy of one slot, for msgstat and for master's decisions.
struct SlotView {
  State state = State::Free;
  std::uint32_t pid = 0;
  std::uint64_t generation = 0;
  std::uint32_t index = 0;
  std::uint32_t tallyFull = 0;
  std::uint64_t startedMs = 0;
  std::uint64_t heartbeatMs = 0;
  std::array<std::uint64_t, kGauges> gauges{};
  std::array<std::uint64_t, kCounters> counters{};

  [[nodiscard]] std::uint64_t operator[](Gauge g) const { return gauges[static_cast<std::size_t>(g)]; }
  [[nodiscard]] std::uint64_t operator[](Counter c) const { return counters[static_cast<std::size_t>(c)]; }
};

SlotView readSlot(const Board& board, std::size_t number);
std::vector<CommandView> readCommands(const Board& board, std::size_t number);
/// The accounts that a worker has in flight now, or had when it died.
std::vector<AccountView> readInFlight(const Board& board, std::size_t number);

}  // namespace posthorn::stats
