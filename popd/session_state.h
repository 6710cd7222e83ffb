// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "common/auth/login.h"
#include "popd/maildrop.h"

namespace posthorn::popd {

/// The states of RFC 1939 §3, each with the data that exists in it only.

/// Nobody has logged in.
struct Authorization {
  std::string user;  ///< USER's argument; empty when PASS is not possible
  bool utf8 = false;
};
/// A maildrop is open.
struct Transaction {
  auth::Login login;
  std::unique_ptr<Maildrop> maildrop;  ///< null while a job has it
};
/// QUIT was given: what is marked is being removed, then the connection closes.
struct Update {};

using State = std::variant<Authorization, Transaction, Update>;

/// The states of a command's row, as bits.
using States = std::uint8_t;
inline constexpr States kAuthorization = 1;
inline constexpr States kTransaction = 2;

inline States bitOf(const State& state) {
  return static_cast<States>(1U << state.index());
}
inline std::string_view nameOf(const State& state) {
  constexpr std::string_view kNames[] = {"AUTHORIZATION", "TRANSACTION", "UPDATE"};
  return kNames[state.index()];
}
/// AUTHORIZATION begins anew after STLS; nothing comes back from UPDATE.
constexpr bool mayFollow(std::size_t from, std::size_t to) {
  return (from == 0 && to <= 1) || (from == 1 && to == 2);
}

/// What the command machine does at this moment.
enum class Phase : std::uint8_t {
  Reading,    ///< the next line is taken
  Working,    ///< a job has the command (and the maildrop)
  Sending,    ///< a multi-line response waits for the client to take its last window
  Delayed,    ///< a login waits for its time (failure delay)
  Handshake,  ///< TLS is being negotiated
  Ended,      ///< the stream is closing
};

}  // namespace posthorn::popd
