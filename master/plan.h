// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

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

/// The keys of TLS session tickets, shared by all services and workers; the newest first.
class TicketKeys {
 public:
  static constexpr std::size_t kKept = 3;
  TicketKeys() { rotate(); }
  /// A new key encrypts from now on; the older ones still decrypt.
  void rotate();
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

 private:
  std::vector<std::string> keys_;
};

/// Reads the certificates and keys of `service` and checks that each pair can be used. Blocks for small
/// files. Errors name the option and the file.
Result<std::shared_ptr<const Plan>> makePlan(config::Service service,
                                             std::shared_ptr<const config::Snapshot> config,
                                             const TicketKeys& tickets);

}  // namespace posthorn::master
