// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/auth/account.h"
#include "common/auth/secret.h"
#include "common/base/clock.h"

namespace posthorn::auth {

/// Remembers passwords that were right, so that a client that comes every minute costs no password hash and
/// no directory search. Holds HMAC-SHA256 of the password under a key of this process and this entry, never
/// the password. Only successes are remembered. Bounded; the least recently used entry goes first. Any
/// thread.
class Cache {
 public:
  Cache(std::size_t entries, std::chrono::seconds ttl, const Clock& clock);
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  /// The account that this password opened not longer than the ttl ago, under the same directory revision. A
  /// wrong password leaves the entry alone: others may know the right one.
  [[nodiscard]] std::optional<Account> find(std::string_view mechanism, std::string_view login,
                                            const Secret& password, std::uint64_t revision);

  void remember(std::string_view mechanism, std::string_view login, const Secret& password,
                std::uint64_t revision, const Account& account);

  /// Forgets everything: `refresh`, or an operator's command.
  void flush();

  [[nodiscard]] std::size_t size() const;

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Entry {
    std::string key;
    Digest digest{};
    Account account;
    std::uint64_t revision = 0;
    Steady expires;
  };
  using Order = std::list<Entry>;

  [[nodiscard]] Digest digestOf(std::string_view key, const Secret& password) const;
  void erase(Order::iterator entry);

  const std::size_t limit_;
  const std::chrono::seconds ttl_;
  const Clock& clock_;
  std::array<unsigned char, 32> salt_{};
  mutable std::mutex mutex_;
  Order order_;                                                  // most recently used first
  std::unordered_map<std::string_view, Order::iterator> index_;  // keys point into order_
};

}  // namespace posthorn::auth
