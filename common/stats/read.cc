// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "common/stats/scoreboard.h"
#include "common/stats/text.h"

namespace posthorn::stats {
namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;
}

std::string_view toString(State state) {
  switch (state) {
    case State::Free:
      return "free";
    case State::Starting:
      return "starting";
    case State::Running:
      return "running";
    case State::Draining:
      return "draining";
    case State::Stopping:
      return "stopping";
  }
  return "unknown";
}

std::string_view toString(Counter counter) {
  constexpr std::array<std::string_view, kCounters> kNames = {
      "accepted",  "rejected",     "logins_ok",   "logins_failed", "bytes_in",
      "bytes_out", "bad_commands", "idle_closed", "tls_sessions",  "tls_failed",
      "events_in", "events_out",   "events_lost"};
  return kNames.at(static_cast<std::size_t>(counter));
}

std::string_view toString(Gauge gauge) {
  constexpr std::array<std::string_view, kGauges> kNames = {
      "sessions",    "unauthenticated", "threads_busy", "threads_total",
      "jobs_queued", "max_sessions",    "subscriptions"};
  return kNames.at(static_cast<std::size_t>(gauge));
}

std::size_t latencyBucket(std::chrono::microseconds took) {
  if (took.count() < 1) return 0;
  const auto bits = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(took.count())));
  return std::min(bits - 1, kLatencyBuckets - 1);
}

std::uint64_t toMillis(Steady time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

SlotView readSlot(const Board& board, std::size_t number) {
  const SlotLayout& slot = board.slot(number);
  SlotView view;
  view.state = static_cast<State>(slot.state.load(std::memory_order_acquire));
  view.pid = slot.pid.load(kRelaxed);
  view.generation = slot.generation.load(kRelaxed);
  view.index = slot.index.load(kRelaxed);
  view.tallyFull = slot.tallyFull.load(kRelaxed);
  view.startedMs = slot.startedMs.load(kRelaxed);
  view.heartbeatMs = slot.heartbeatMs.load(kRelaxed);
  for (std::size_t i = 0; i < kGauges; ++i) view.gauges[i] = slot.gauges[i].load(kRelaxed);
  for (std::size_t i = 0; i < kCounters; ++i) view.counters[i] = slot.counters[i].load(kRelaxed);
  return view;
}

std::vector<CommandView> readCommands(const Board& board, std::size_t number) {
  const SlotLayout& slot = board.slot(number);
  const std::size_t count =
      std::min<std::size_t>(slot.commandCount.load(std::memory_order_acquire), kMaxCommands);
  std::vector<CommandView> views(count);
  for (std::size_t i = 0; i < count; ++i) {
    const CommandStats& stats = slot.commands[i];
    views[i].name = readText(stats.name);
    views[i].calls = stats.calls.load(kRelaxed);
    views[i].failures = stats.failures.load(kRelaxed);
    views[i].totalMicros = stats.totalMicros.load(kRelaxed);
    for (std::size_t b = 0; b < kLatencyBuckets; ++b) views[i].latency[b] = stats.latency[b].load(kRelaxed);
  }
  return views;
}

std::vector<AccountView> readInFlight(const Board& board, std::size_t number) {
  std::vector<AccountView> accounts;
  for (const InFlightEntry& entry : board.slot(number).inFlight) {
    const std::uint64_t hash = entry.owner.load(std::memory_order_acquire);
    if (hash > 1) accounts.push_back({hash, readText(entry.name)});
  }
  return accounts;
}

}  // namespace posthorn::stats
