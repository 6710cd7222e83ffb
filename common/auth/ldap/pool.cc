// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/pool.h"

#include <algorithm>
#include <utility>

namespace posthorn::auth::ldap {

// Connections are closed, which may write to the server, after the mutex was given back: functions gather
// them in a list that is declared before the lock.

Pool::Pool(std::size_t size, std::chrono::milliseconds idle, const Clock& clock)
    : size_(size), longestIdle_(idle), clock_(clock) {}

bool Pool::expired(const Idle& idle) const {
  return clock_.steady() - idle.since >= longestIdle_;
}

void Pool::dropOld(List& out) {
  while (!idle_.empty() && expired(idle_.back())) out.splice(out.end(), idle_, std::prev(idle_.end()));
}

std::unique_ptr<Session> Pool::pick(std::size_t host, List& out) {
  for (auto at = idle_.begin(); at != idle_.end();) {
    const auto here = at++;
    if (here->host != host) continue;
    if (here->session->stale()) {
      out.splice(out.end(), idle_, here);
      continue;
    }
    auto session = std::move(here->session);
    idle_.erase(here);
    return session;
  }
  return nullptr;
}

bool Pool::makeRoom(List& out) {
  if (taken_ + idle_.size() < size_) return true;
  if (idle_.empty()) return false;
  out.splice(out.end(), idle_, std::prev(idle_.end()));
  return true;
}

Result<std::unique_ptr<Session>> Pool::take(std::size_t host, Steady deadline,
                                            const std::function<bool()>& giveUp) {
  List closing;
  std::unique_lock lock(mutex_);
  while (true) {
    dropOld(closing);
    if (auto session = pick(host, closing)) {
      ++taken_;
      return session;
    }
    if (makeRoom(closing)) {
      ++taken_;
      return std::unique_ptr<Session>{};
    }
    const auto left = deadline - clock_.steady();
    if (left <= left.zero() || freed_.wait_for(lock, left) == std::cv_status::timeout)
      return makeError(Errc::Timeout, "no LDAP connection became free in time (auth.ldappoolsize)");
    if (giveUp()) return makeError(Errc::Cancelled, "the LDAP server has failed meanwhile");
  }
}

Result<std::unique_ptr<Session>> Pool::takeEmpty(std::size_t host, Steady deadline,
                                                 const std::function<bool()>& giveUp) {
  closeIdle(host);
  PH_TRY(auto session, take(host, deadline, giveUp));
  // Another thread may have put one back; it is as old as those that were closed.
  session.reset();
  return session;
}

void Pool::put(std::size_t host, std::unique_ptr<Session> session) {
  List closing;
  {
    const std::lock_guard lock(mutex_);
    --taken_;
    if (session) idle_.push_front({host, clock_.steady(), std::move(session)});
    dropOld(closing);
  }
  freed_.notify_one();
}

void Pool::closeIdle(std::size_t host) {
  List closing;
  const std::lock_guard lock(mutex_);
  for (auto at = idle_.begin(); at != idle_.end();) {
    const auto here = at++;
    if (here->host == host) closing.splice(closing.end(), idle_, here);
  }
}

void Pool::wake() {
  freed_.notify_all();
}

std::size_t Pool::idle() const {
  const std::lock_guard lock(mutex_);
  return idle_.size();
}

std::size_t Pool::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

}  // namespace posthorn::auth::ldap
