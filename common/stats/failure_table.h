// SPDX-License-Identifier: Apache-2.0
#pragma once

// The addresses that showed wrong passwords, in one memory for all workers of an instance: what a guesser did
// at one worker counts at every other one, of every service, and after each of them was replaced. master
// makes it and hands it to those that log in (proc/worker_link.h); auth::Throttle alone knows what an entry
// means.
//
// As on the scoreboard everything is an atomic and nothing is ever locked, so that a process may be killed or
// stopped at any instruction. What it leaves then is one entry with a count that is wrong by one, or an
// address that begins with the record of the one it displaced; both are forgotten as everything is.
// There are no addresses and no passwords in it, only their hashes under a key that is new at each start of
// master.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/stats/layout.h"

namespace posthorn::stats {

inline constexpr std::uint64_t kFailureMagic = 0x31544C46484F50ULL;  // "POHFLT1"
inline constexpr std::uint32_t kFailureVersion = 1;

/// An address. Zero in all is none; `key` is its hash.
struct FailureEntry {
  Word key;
  Word lastSeenMs;              ///< of its last failure, steady clock
  Word term;                    ///< the penalty being served: its end in ms << 8 | how many wait for that
  Half failures;                ///< that counted
  Half marked;                  ///< how many marks were ever written
  std::array<Word, 4> marks;    ///< what was tried last; 0 is none
  std::array<Word, 2> running;  ///< attempts on their way, by the minute they began in: minute << 16 | count
};

struct FailureHeader {
  Word magic;
  Half version;
  Half capacity;
  std::array<Word, 2> addressSecret;
  std::array<Word, 4> markSecret;
  std::array<Word, 16> known;  ///< marks of proxy users' logins that passed; 0 is none
  Half knownNext;              ///< where the next one goes
};

struct alignas(64) FailureLayout {
  FailureHeader header;
  /// As many as the capacity says follow.
  std::array<FailureEntry, 1> entries;
};

/// The mapped memory. Any thread, any process; never blocks, never fails once made.
class FailureTable {
 public:
  static constexpr std::size_t kCapacity = 20000;
  /// Entries that are looked at for one address. The one that was quiet longest of them gives way.
  static constexpr std::size_t kWays = 16;
  /// An attempt that its process never ended (it was killed) counts for two of these at most.
  static constexpr std::chrono::minutes kRunningFor{1};

  /// A new one of kCapacity addresses in a memfd.
  static Result<std::shared_ptr<FailureTable>> create();
  /// Maps what create() made, by its descriptor (closed afterwards). Unsupported when it is another
  /// release's, Denied when somebody could shrink it.
  static Result<std::shared_ptr<FailureTable>> attach(UniqueFd fd);
  /// Of this process alone: tools, tests, workers that were handed none.
  static std::shared_ptr<FailureTable> privateToProcess(std::size_t capacity = kCapacity);

  FailureTable(FailureLayout* memory, std::size_t capacity, UniqueFd fd)
      : memory_(memory), capacity_(capacity), fd_(std::move(fd)) {}
  ~FailureTable();
  FailureTable(const FailureTable&) = delete;
  FailureTable& operator=(const FailureTable&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }  ///< -1 unless made by create()
  [[nodiscard]] std::uint64_t hash(std::string_view address) const;
  /// The key under which what was tried is hashed.
  [[nodiscard]] std::array<unsigned char, 32> markSecret() const;

  /// Marks that are let through whatever their address has done. The oldest of 16 gives way.
  [[nodiscard]] bool knows(std::uint64_t mark) const;
  void remember(std::uint64_t mark) const;

  /// The entry of an address whose last failure is younger than `forget`; null when there is none.
  [[nodiscard]] FailureEntry* find(std::uint64_t hash, Steady now, std::chrono::milliseconds forget) const;
  /// The same for an address that fails now; made when there is none. Null when others took the place several
  /// times over in this moment.
  [[nodiscard]] FailureEntry* touch(std::uint64_t hash, Steady now, std::chrono::milliseconds forget) const;
  /// Addresses that are not forgotten yet. Looks at all.
  [[nodiscard]] std::size_t count(Steady now, std::chrono::milliseconds forget) const;

  /// Attempts of `entry` on their way.
  [[nodiscard]] static std::size_t running(const FailureEntry& entry, Steady now);
  /// One more; what it returns goes to end().
  [[nodiscard]] static std::uint64_t begin(FailureEntry& entry, Steady now);
  static void end(FailureEntry& entry, std::uint64_t hash, std::uint64_t begun);

 private:
  [[nodiscard]] FailureEntry* setOf(std::uint64_t hash) const;
  [[nodiscard]] std::size_t ways() const { return capacity_ < kWays ? capacity_ : kWays; }

  FailureLayout* memory_;
  std::size_t capacity_;
  UniqueFd fd_;
};

}  // namespace posthorn::stats
