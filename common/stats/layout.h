// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bytes of one scoreboard segment, shared by master and the workers of one service. Everything is a
// relaxed atomic of 4 or 8 bytes; nothing is ever locked, so a process may die at any instruction. A change
// of anything here is a change of kLayoutVersion: a worker refuses a segment whose version it does not know.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace posthorn::stats {

inline constexpr std::uint64_t kLayoutMagic = 0x31424353484F50ULL;  // "POHSCB1"
inline constexpr std::uint32_t kLayoutVersion = 2;

inline constexpr std::size_t kMaxSlots = 256;    ///< workers of one service, draining generations included
inline constexpr std::size_t kMaxCommands = 64;  ///< commands of one protocol that are counted by name
inline constexpr std::size_t kLatencyBuckets =
    24;  ///< bucket i holds [2^i, 2^(i+1)) microseconds, 16 s and over last
inline constexpr std::size_t kMaxInFlight = 256;     ///< accounts of jobs that run at this moment
inline constexpr std::size_t kMaxQuarantined = 256;  ///< accounts that are refused
inline constexpr std::size_t kTallyEntries = 16384;  ///< distinct users (addresses) that one worker can count
inline constexpr std::size_t kTallyProbes = 64;      ///< neighbours that are looked at for one hash
inline constexpr std::size_t kCommandNameBytes = 24;  ///< longer command names are cut
inline constexpr std::size_t kAccountNameBytes = 56;  ///< longer account names are cut

using Word = std::atomic<std::uint64_t>;
using Half = std::atomic<std::uint32_t>;
static_assert(Word::is_always_lock_free && Half::is_always_lock_free,
              "the segment is shared between processes");

/// What a worker is doing. Master writes Free and Starting, the worker all others.
enum class State : std::uint32_t { Free, Starting, Running, Draining, Stopping };

/// Values that go up and down.
enum class Gauge : std::uint8_t {
  Sessions,         ///< open connections
  Unauthenticated,  ///< of these, not yet logged in
  ThreadsBusy,      ///< job threads that run a job
  ThreadsTotal,     ///< job threads that exist
  JobsQueued,       ///< jobs that wait for a thread
  MaxSessions,      ///< how many sessions this worker takes
  Subscriptions,    ///< event references that sessions of the event service want to hear of
};
inline constexpr std::size_t kGauges = 7;

/// Values that only go up.
enum class Counter : std::uint8_t {
  Accepted,      ///< connections taken
  Rejected,      ///< of these, refused: full, filtered, over a limit
  LoginsOk,      ///<
  LoginsFailed,  ///<
  BytesIn,       ///< from clients, before TLS is counted
  BytesOut,      ///< to clients
  BadCommands,   ///< lines that were no command
  IdleClosed,    ///< sessions ended for silence
  TlsSessions,   ///< handshakes that succeeded
  TlsFailed,     ///< handshakes that did not
  EventsIn,      ///< rich events that publishers brought
  EventsOut,     ///< those that were handed to subscribers, each one for each of them
  EventsLost,    ///< those that a slow subscriber missed, and those that publishers could not bring
};
inline constexpr std::size_t kCounters = 13;

/// A short text that may be read while it is written: what is read may then be a mixture, never out of
/// bounds.
template <std::size_t Size>
struct AtomicText {
  static_assert(Size % sizeof(std::uint64_t) == 0);
  std::array<Word, Size / sizeof(std::uint64_t)> words;
};

struct alignas(64) CommandStats {
  AtomicText<kCommandNameBytes> name;
  Word calls;
  Word failures;
  Word totalMicros;
  std::array<Word, kLatencyBuckets> latency;
};

/// `owner` is 0 when free, 1 while it is being written, else the hash of the account.
struct alignas(64) InFlightEntry {
  Word owner;
  AtomicText<kAccountNameBytes> name;
};

struct TallyEntry {
  Word hash;
  Half count;
  Half unused;
};
using TallyTable = std::array<TallyEntry, kTallyEntries>;

struct alignas(4096) SlotLayout {
  Half state;
  Half pid;
  Word generation;
  Half index;        ///< position among the workers of its generation
  Half tallyFull;    ///< how often a user or address could not be counted
  Word startedMs;    ///< steady clock
  Word heartbeatMs;  ///< steady clock; 0 until the loop runs
  std::array<Word, kGauges> gauges;
  std::array<Word, kCounters> counters;
  Half commandCount;
  Half unused;
  std::array<CommandStats, kMaxCommands> commands;
  std::array<InFlightEntry, kMaxInFlight> inFlight;
  TallyTable users;
  TallyTable addresses;
};

struct alignas(4096) HeaderLayout {
  Word magic;
  Half version;
  Half slots;
  Word slotBytes;
  std::array<Word, 2> secret;                    ///< keys the hashes; new at each start of master
  std::array<Word, kMaxQuarantined> quarantine;  ///< hashes of refused accounts; 0 is free
};

struct SegmentLayout {
  HeaderLayout header;
  std::array<SlotLayout, kMaxSlots> slots;
};

}  // namespace posthorn::stats
