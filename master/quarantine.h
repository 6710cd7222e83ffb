// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/stats/scoreboard.h"

namespace posthorn::master {

/// Remembers which accounts had a job in flight when workers crashed. An account of three crashes is
/// quarantined: refused, so that it does not take the service from all others again and again. Bounded;
/// counts are forgotten after a day. Known by the boards' keyed hash; the name is for people. One thread.
class Quarantine {
 public:
  static constexpr int kCrashes = 3;
  static constexpr std::chrono::hours kMemory{24};
  static constexpr std::size_t kMaxRemembered = 4096;

  struct Entry {
    std::string name;
    int crashes = 0;
    Steady last{};
    bool refused = false;
  };

  /// A worker crashed with these accounts in flight. Returns those that are refused from now on.
  std::vector<std::string> onCrash(std::span<const stats::AccountView> accounts, Steady now);
  /// Lets an account in again (by name), or all of them; returns how many there were.
  std::size_t release(const std::string& account);
  std::size_t releaseAll();

  [[nodiscard]] std::vector<std::uint64_t> hashes() const;
  [[nodiscard]] std::vector<Entry> refused() const;

 private:
  void forget(Steady now);
  std::map<std::uint64_t, Entry> entries_;
};

}  // namespace posthorn::master
