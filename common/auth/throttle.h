// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/auth/secret.h"
#include "common/base/clock.h"
#include "common/config/network.h"

namespace posthorn::auth {

/// Slows down an address (IPv4 /32, IPv6 /64) that shows wrong passwords: 2, 4, 8, then 15 seconds
/// (auth.failuredelay, auth.failuredelaymax). It never sleeps: it says how long the session shall wait on a
/// timer. Attempts that come while an address serves its time wait until it ends, so that dialling again
/// gains nothing; beyond kMaxWaiting of them are refused. A success does not clear the record: one known
/// account must not buy guesses at the others. Ten quiet minutes do. The same wrong login and password again
/// (a telephone with an old password) is not counted again. Bounded; the address that was quiet longest is
/// forgotten first. Any thread, never blocks.
class Throttle {
 public:
  static constexpr std::size_t kMaxAddresses = 20000;
  static constexpr std::size_t kMaxWaiting = 10;
  static constexpr std::chrono::minutes kForget{10};

  /// `trusted`: addresses or address/bits that are never slowed down (proxies of our own).
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

  /// After a login was refused for a reason that countsAsFailure(): how long the answer has to wait.
  [[nodiscard]] std::chrono::milliseconds failed(std::string_view address, std::string_view login,
                                                 const Secret& password);

  [[nodiscard]] std::size_t addresses() const;

 private:
  using Mark = std::array<unsigned char, 16>;
  struct Record {
    std::string key;
    unsigned failures = 0;
    Steady until;  // the penalty that is being served ends
    Steady lastSeen;
    std::size_t waiting = 0;            // admitted with a wait during this penalty
    std::shared_ptr<const char> turns;  // a copy is out for each attempt that is not judged yet
    std::array<Mark, 4> seen{};
    std::size_t seenCount = 0;
  };
  using Order = std::list<Record>;

  [[nodiscard]] bool trusted(const std::array<std::uint8_t, 16>& raw) const;
  [[nodiscard]] Mark markOf(std::string_view login, const Secret& password) const;
  Record& touch(const std::string& key, Steady now);
  void drop(Order::iterator record);

  [[nodiscard]] std::chrono::milliseconds penalty(unsigned failures) const;

  const Clock& clock_;
  const std::size_t limit_;
  std::chrono::milliseconds first_{2000};
  std::chrono::milliseconds longest_{15000};
  std::vector<config::Network> trusted_;
  std::array<unsigned char, 32> salt_{};
  mutable std::mutex mutex_;
  Order order_;  // most recently failed first
  std::unordered_map<std::string_view, Order::iterator> index_;
};

}  // namespace posthorn::auth
