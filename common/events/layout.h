// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bytes of the event area: what committers and the workers with open sessions share, so that a worker
// hears of a change within microseconds. FROZEN: two releases may have the same area open at once (master is
// replaced under living workers, a tool of one release asks a master of another), so nothing here may change
// its place or meaning. What must be new goes into bytes that are zero today; kAreaVersion changes only with
// another kind of area, which all sides then refuse.
//
//   interest   kBuckets words. Bit s of word b: the worker in slot s has a session in an account of bucket b.
//   slots      kSlots times kDirtyWords words. Bit b: an account of bucket b was changed.
//
// The bucket of an account is the low 16 bits of the SipHash-2-4 of its id under `secret`, the key that the
// scoreboards have too (master announces the accounts that a dead worker had in flight by their hash alone).
// Accounts of one bucket are not told apart here: a hint says "look", the store says what changed.
//
// Besides the memory there is one eventfd for each slot. Only atomics of 8 (and 4) bytes, nothing is ever
// locked: any process may die at any instruction and costs the others at most a hint or a look in vain.
//
// Order, by which no change is missed:
//
//   worker                                        committer
//   W1 interest[b].fetch_or(bit)    acq_rel       C1 the change is durable and visible in the store
//   W2 read the account's version                 C2 interest[b].fetch_or(0)        acq_rel
//                                                 C3 dirty[s][b].fetch_or(bit)      release, each s of C2
//   W3 eventfd is readable: read it               C4 write to eventfd of s
//   W4 dirty[s][*].exchange(0)      acquire
//   W5 read the account's version
//
// - W1 and C2 are both read-modify-writes of one word, so one comes first in its modification order. If W1,
//   C2 sees the bit and C3, C4 follow. If C2, W1 acquires what C2 released: W2 sees the change. C2 as a load
//   would not do: W1 and C2 could each miss the other (store buffering). It costs one locked instruction on a
//   line that nobody else writes unless sessions open there, and no system call.
// - C3 comes before C4, and W3 before W4: a bit set after W4 has its own write to the eventfd after W3, so
// the
//   eventfd is readable again. W4 acquires what C3 released, so W5 sees the change that was announced.
// - Each C3 is followed by its own C4, even if the bit was set already or a wake-up seems to be on its way:
//   the process that set the bit may have been killed before its C4. For the same reason there is no flag
//   "already woken" and no summary of the dirty words: a worker looks at all 1024 of them (8 KiB, under a
//   microsecond), also with every heartbeat, so a committer killed between C3 and C4 costs a second.
// - A committer killed between C1 and C3 announces nothing: for a worker of master, master does (the accounts
//   in flight of the dead); for a tool, the next change does, or the session's next command, which reads the
//   store in any case.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace posthorn::events {

inline constexpr std::uint64_t kAreaMagic = 0x31414556454F50ULL;  // "POEVEA1"
inline constexpr std::uint32_t kAreaVersion = 1;

inline constexpr std::size_t kSlots = 64;       ///< workers that listen, over all services and generations
inline constexpr std::size_t kBuckets = 65536;  ///< of account ids
inline constexpr std::size_t kDirtyWords = kBuckets / 64;

using Word = std::atomic<std::uint64_t>;
using Half = std::atomic<std::uint32_t>;
static_assert(Word::is_always_lock_free && Half::is_always_lock_free, "the area is shared between processes");
static_assert(sizeof(Word) == 8 && sizeof(Half) == 4);

struct alignas(4096) HeaderLayout {
  Word magic;  ///< written last
  Half version;
  Half slots;    ///< kSlots
  Half buckets;  ///< kBuckets
  Half unused;
  std::array<Word, 2> secret;  ///< keys the hashes; new at each start of master
  Word wanted;  ///< types of rich events that somebody wants, kept by enpd (event.h's EventMask); 0: none
};

struct SlotLayout {
  std::array<Word, kDirtyWords> dirty;
};

struct AreaLayout {
  HeaderLayout header;
  std::array<Word, kBuckets> interest;
  std::array<SlotLayout, kSlots> slots;
};

static_assert(offsetof(HeaderLayout, magic) == 0 && offsetof(HeaderLayout, version) == 8);
static_assert(offsetof(HeaderLayout, slots) == 12 && offsetof(HeaderLayout, buckets) == 16);
static_assert(offsetof(HeaderLayout, secret) == 24 && offsetof(HeaderLayout, wanted) == 40);
static_assert(sizeof(HeaderLayout) == 4096);
static_assert(offsetof(AreaLayout, interest) == 4096);
static_assert(offsetof(AreaLayout, slots) == 4096 + 8 * 65536);
static_assert(sizeof(SlotLayout) == 8192 && sizeof(AreaLayout) == 4096 + 8 * 65536 + 64 * 8192);

}  // namespace posthorn::events
