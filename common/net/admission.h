// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/config/snapshot.h"
#include "common/net/address.h"
#include "common/net/session_table.h"
#include "common/stats/scoreboard.h"

namespace posthorn::net {

/// Why a connection is not let in.
enum class Refusal : std::uint8_t {
  Full,              ///< every worker has maxsessions
  TooManyStrangers,  ///< too many connections without a login
  AddressLimit,      ///< connlimits
};
std::string_view toString(Refusal why);

/// Who may come in: the whole policy of limits (maxsessions, maxunauthsessions, connlimits) in one place,
/// without a socket. Loop thread.
class Admission {
 public:
  struct Limits {
    std::size_t maxSessions = 600;
    std::size_t maxStrangers = 300;
    std::vector<config::ConnLimit> perAddress = {};
    std::vector<Network> trustedProxies = {};  ///< used by the acceptor when proxyProtocol
    bool proxyProtocol = false;
    static Limits from(const config::ServiceConfig& service, const std::vector<std::string>& trustedProxies);
  };

  Admission(SessionTable& sessions, stats::Slot slot, const Clock& clock, Limits limits);
  void setLimits(Limits limits);
  [[nodiscard]] const Limits& limits() const { return limits_; }

  /// False while this worker is full and a sibling has room: then the listening sockets are left to it.
  /// `arriving` connections count already although they have no session yet.
  [[nodiscard]] bool shouldAccept(std::size_t arriving) const;
  /// Judges a connection of `client`, whose ticket is held (counted) already. Nothing: it may come in. May
  /// ask the longest waiting stranger to leave instead of refusing.
  [[nodiscard]] std::optional<Refusal> judge(const Address& client, std::size_t arriving);
  /// Whether `client`, whose connection is counted already, has more of them than connlimits allow.
  [[nodiscard]] bool overLimit(const Address& client) const;
  [[nodiscard]] bool isTrustedProxy(const Address& peer) const;

 private:
  [[nodiscard]] bool full(std::size_t arriving) const;
  [[nodiscard]] const config::ConnLimit* limitOf(const Address& client) const;

  SessionTable& sessions_;
  stats::Slot slot_;
  const Clock& clock_;
  Limits limits_;
};

}  // namespace posthorn::net
