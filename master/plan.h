// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/config/snapshot.h"

namespace posthorn::master {

/// What the workers of one service are started with, ready to be handed over: its part of a configuration and
/// its keys, each in a sealed memfd. Never changes.
struct Plan {
  config::Service service = config::Service::Pop;
  std::shared_ptr<const config::Snapshot> config;  ///< the whole, master's own copy
  config::ServiceConfig options;
  UniqueFd configFd;
  UniqueFd tlsFd;
};

/// The keys of TLS session tickets, shared by all services and workers; the newest first. A copy is
/// independent.
class TicketKeys {
 public:
  /// As long as a ticket is valid (OpenSSL's own default, common/tls sets none); a key that encrypted until
  /// then still decrypts.
  static constexpr std::chrono::hours kTicketLife{2};
  static constexpr std::size_t kMost = 8;  ///< what tls::Tickets takes
  TicketKeys() { rotate(Steady{}); }
  /// A new key encrypts from `now` on; older ones still decrypt for kTicketLife. Does nothing when there are
  /// kMost that are needed: no ticket is lost because somebody refreshes often.
  void rotate(Steady now);
  [[nodiscard]] std::vector<std::string> keys() const;

 private:
  struct Key {
    std::string bytes;
    Steady retired{};  // when the next one took its place
  };
  std::vector<Key> keys_;
};

/// Reads the certificates and keys of `service` and checks that each pair can be used. Blocks for small
/// files. Errors name the option and the file.
Result<std::shared_ptr<const Plan>> makePlan(config::Service service,
                                             std::shared_ptr<const config::Snapshot> config,
                                             const TicketKeys& tickets);

}  // namespace posthorn::master
