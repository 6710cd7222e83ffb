// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/secret.h"
#include "common/base/clock.h"
#include "common/config/network.h"
#include "common/stats/failure_table.h"

namespace posthorn::auth {

/// Slows down an address (IPv4 /32, IPv6 /64) that shows wrong passwords: 2, 4, 8, then 15 seconds
/// (auth.failuredelay, auth.failuredelaymax). It never sleeps: it says how long the session shall wait on a
/// timer. Attempts that come while an address serves its time wait until it ends, so that dialling again
/// gains nothing; beyond kMaxWaiting of them are refused. A success does not clear the record: one known
/// account must not buy guesses at the others. Ten quiet minutes do. The same wrong login and password again
/// (a telephone with an old password) is not counted again.
///
/// A proxy user acts for many, and his address may be that of others, too (mshttpd and imapd on one host): a
/// login and password of his that have passed once are let in at once. That shortens no guess, for it takes
/// the right password.
///
/// The record is stats::FailureTable, one for all workers of popd, imapd and mshttpd, with all that is in it:
/// penalties, those who wait, those not judged yet. Whoever spreads guesses over workers and services gets as
/// many as from one. What a killed worker leaves of its clients ends with the penalty (those who wait) or
/// within two minutes (those not judged). Bounded; of kWays addresses the one that was quiet longest is
/// forgotten first. Any thread, never blocks.
class Throttle {
 public:
  static constexpr std::size_t kMaxAddresses = stats::FailureTable::kCapacity;
  static constexpr std::size_t kMaxWaiting = 10;
  static constexpr std::chrono::minutes kForget{10};

  /// `trusted`: addresses or address/bits that are never slowed down (proxies of our own). `table`: what is
  /// shared with other workers.
  Throttle(const std::vector<std::string>& trusted, const Clock& clock,
           std::shared_ptr<stats::FailureTable> table);
  /// With a record of its own.
  Throttle(const std::vector<std::string>& trusted, const Clock& clock,
           std::size_t maxAddresses = kMaxAddresses);
  ~Throttle();
  Throttle(const Throttle&) = delete;
  Throttle& operator=(const Throttle&) = delete;

  /// The first wait and the longest; each one doubles the last. Zero: never slow down.
  void setDelays(std::chrono::milliseconds first, std::chrono::milliseconds longest);

  struct Admission {
    bool refused = false;               ///< answer with Reason::Throttled now
    std::chrono::milliseconds wait{0};  ///< else start the login after this long
    /// Held until the login has been judged: others of this address are let in with growing distance
    /// meanwhile, so that many connections guess no faster than a few. Null for addresses without failures.
    std::shared_ptr<const void> turn{};
  };
  /// Before a login is tried.
  [[nodiscard]] Admission admit(std::string_view address);
  [[nodiscard]] Admission admit(std::string_view address, std::string_view login, const Secret& password);
  /// These have passed, and are a proxy user's.
  void passed(std::string_view login, const Secret& password);

  /// After a login was refused for a reason that countsAsFailure(): how long the answer has to wait.
  [[nodiscard]] std::chrono::milliseconds failed(std::string_view address, std::string_view login,
                                                 const Secret& password);

  [[nodiscard]] std::size_t addresses() const;

 private:
  [[nodiscard]] bool trusted(const std::array<std::uint8_t, 16>& raw) const;
  /// What was tried, never 0.
  [[nodiscard]] std::uint64_t markOf(std::string_view login, const Secret& password) const;
  [[nodiscard]] std::chrono::milliseconds penalty(unsigned failures) const;
  /// When the penalty of `term` ends: after the longest delay of now at most, whatever it was then.
  [[nodiscard]] Steady endOf(std::uint64_t term, Steady now) const;
  /// The record of an address that may be slowed down, and its hash; null: there is none.
  [[nodiscard]] stats::FailureEntry* entryOf(std::string_view address, std::uint64_t& key, Steady now) const;
  void extend(stats::FailureEntry& entry, Steady now, std::chrono::milliseconds delay) const;

  const Clock& clock_;
  const std::shared_ptr<stats::FailureTable> table_;
  std::atomic<std::chrono::milliseconds> first_{std::chrono::milliseconds{2000}};
  std::atomic<std::chrono::milliseconds> longest_{std::chrono::milliseconds{15000}};
  std::vector<config::Network> trusted_;
  std::array<unsigned char, 32> salt_;
};

}  // namespace posthorn::auth
