// SPDX-License-Identifier: Apache-2.0
#include "master/systemd.h"

#include <algorithm>
#include <cstdlib>

#include <systemd/sd-daemon.h>

#include "common/base/clock.h"

namespace posthorn::master {

// NOLINTNEXTLINE(concurrency-mt-unsafe): master has one thread
Systemd::Systemd() : present_(std::getenv("NOTIFY_SOCKET") != nullptr) {}

void Systemd::notify(const std::string& state) const {
  if (present_) sd_notify(0, state.c_str());
}

void Systemd::reloading() const {
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::system().steady().time_since_epoch());
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

std::vector<UniqueFd> Systemd::passedFds() {
  std::vector<UniqueFd> fds;
  const int count = sd_listen_fds(1);
  if (count > 0) fds.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) fds.emplace_back(SD_LISTEN_FDS_START + i);
  return fds;
}

void Systemd::storeFd(const std::string& name, int fd) const {
  if (present_ && storing_) sd_pid_notify_with_fds(0, 0, ("FDSTORE=1\nFDNAME=" + name).c_str(), &fd, 1);
}

void Systemd::removeFd(const std::string& name) const {
  if (present_ && storing_) notify("FDSTOREREMOVE=1\nFDNAME=" + name);
}

std::string Systemd::fdName(const std::string& address, unsigned port) {
  std::string name = "listen-" + address + "-" + std::to_string(port);
  std::replace(name.begin(), name.end(), ':', '_');
  return name;
}

std::chrono::microseconds Systemd::watchdogPeriod() {
  std::uint64_t micros = 0;
  if (sd_watchdog_enabled(0, &micros) <= 0) return std::chrono::microseconds(0);
  return std::chrono::microseconds(micros);
}

}  // namespace posthorn::master
