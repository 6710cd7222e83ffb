// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/unique_fd.h"

namespace posthorn::master {

/// What master says to systemd and hears from it (sd_notify(3), sd_listen_fds(3)); silent when it was not
/// started by it. One thread.
class Systemd {
 public:
  /// True when a service manager wants to hear from us.
  [[nodiscard]] bool present() const { return present_; }
  Systemd();

  /// Sends one notification, for example "READY=1\nSTATUS=...".
  void notify(const std::string& state) const;
  void reloading() const;

  /// The sockets that were passed: socket activation, or what storeFd left behind. Once.
  static std::vector<UniqueFd> passedFds();
  /// Keeps `fd` over a restart of the service, and takes it out again.
  void storeFd(const std::string& name, int fd) const;
  void removeFd(const std::string& name) const;
  /// The name of a listener in the store; no colon is allowed there.
  static std::string fdName(const std::string& address, unsigned port);

  /// How often WATCHDOG=1 must be sent at least; zero when nobody waits for it.
  [[nodiscard]] static std::chrono::microseconds watchdogPeriod();

  /// Before the end: the store keeps what it has, for the next master.
  void keepStore() { storing_ = false; }

 private:
  bool present_ = false;
  bool storing_ = true;
};

}  // namespace posthorn::master
