// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "common/events/service_link.h"
#include "common/events/targets.h"

namespace posthorn::enpd {

/// The event services of other hosts that notifytarget options name: passes this host's events on to them.
/// What one of them does not take is bounded, counted and told to it as lost. Loop thread.
class Relays {
 public:
  /// Octets that wait for one service.
  static constexpr std::uint64_t kMaxWaiting = 4UL * 1024 * 1024;

  explicit Relays(net::Loop& loop);
  ~Relays();
  Relays(const Relays&) = delete;
  Relays& operator=(const Relays&) = delete;

  void setResolve(events::Resolve resolve) { resolve_ = std::move(resolve); }
  /// Connects to those that are new, leaves those that are gone.
  void setTargets(const std::vector<events::Target>& targets);
  /// Each target's share of the event.
  void publish(const events::Event& event);
  void lost(std::uint64_t count);
  /// What must be published for them.
  [[nodiscard]] events::EventMask wanted() const;
  /// Ends the connections.
  void close();

 private:
  class Relay;

  net::Loop& loop_;
  events::Resolve resolve_;
  std::list<std::shared_ptr<Relay>> relays_;
  std::list<std::shared_ptr<Relay>> ended_;  // what was on its way still goes
};

}  // namespace posthorn::enpd
