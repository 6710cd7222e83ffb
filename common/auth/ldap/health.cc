// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/health.h"

#include <algorithm>

namespace posthorn::auth::ldap {

HostHealth::HostHealth(std::size_t hosts, const Clock& clock) : clock_(clock), hosts_(hosts) {}

bool HostHealth::due(const Host& host, Steady now) const {
  const bool anyWell = std::any_of(hosts_.begin(), hosts_.end(), [](const Host& h) { return h.well; });
  const Steady soonest = host.failedAt + std::min(host.pause, kLongestAlone);
  return now >= (anyWell ? host.retryAt : std::min(host.retryAt, soonest));
}

bool HostHealth::admit(std::size_t host) {
  const std::lock_guard lock(mutex_);
  Host& h = hosts_[host];
  if (h.well) return true;
  const Steady now = clock_.steady();
  if (!due(h, now)) return false;
  // This caller looks for all.
  h.failedAt = now;
  h.retryAt = now + h.pause;
  return true;
}

std::size_t HostHealth::othersBehind(std::size_t host) const {
  const std::lock_guard lock(mutex_);
  const Steady now = clock_.steady();
  std::size_t count = 0;
  for (std::size_t i = host + 1; i < hosts_.size(); ++i)
    if (hosts_[i].well || due(hosts_[i], now)) ++count;
  return count;
}

bool HostHealth::isWell(std::size_t host) const {
  const std::lock_guard lock(mutex_);
  return hosts_[host].well;
}

std::uint64_t HostHealth::failures(std::size_t host) const {
  const std::lock_guard lock(mutex_);
  return hosts_[host].failures;
}

std::string HostHealth::lastTrouble() const {
  const std::lock_guard lock(mutex_);
  return lastTrouble_;
}

bool HostHealth::succeeded(std::size_t host) {
  const std::lock_guard lock(mutex_);
  Host& h = hosts_[host];
  h.lastSuccess = clock_.steady();
  h.pause = {};
  const bool came = !h.well;
  h.well = true;
  return came;
}

bool HostHealth::failed(std::size_t host, Kind kind, Steady since, const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  Host& h = hosts_[host];
  if (kind == Kind::Slow && h.well && h.lastSuccess > since) return false;
  const Steady now = clock_.steady();
  // Many questions fail together: they lengthen the pause once.
  if (since >= h.failedAt) h.pause = std::clamp(h.pause * 2, kFirstPause, kLongest);
  h.failedAt = now;
  h.retryAt = now + h.pause;
  ++h.failures;
  lastTrouble_ = trouble;
  const bool went = h.well;
  h.well = false;
  return went;
}

}  // namespace posthorn::auth::ldap
