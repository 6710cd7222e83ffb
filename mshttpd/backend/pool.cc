// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/pool.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "mshttpd/backend/messages.h"

namespace posthorn::mshttpd::backend {

Pool::Lease::Lease(Pool& pool, std::unique_ptr<Connection> connection, bool used)
    : pool_(&pool), connection_(std::move(connection)), used_(used) {}
Pool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      connection_(std::move(other.connection_)),
      used_(other.used_) {}
Pool::Lease& Pool::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  giveBack();
  pool_ = std::exchange(other.pool_, nullptr);
  connection_ = std::move(other.connection_);
  used_ = other.used_;
  return *this;
}
Pool::Lease::~Lease() {
  giveBack();
}
void Pool::Lease::giveBack() {
  if (pool_ != nullptr) std::exchange(pool_, nullptr)->giveBack(std::move(connection_));
}

Pool::Pool(std::string host, ProxyAdmin admin, const Settings& settings, Connect connect, const Clock& clock)
    : host_(std::move(host)),
      admin_(std::move(admin)),
      settings_(settings),
      connect_(std::move(connect)),
      clock_(clock) {}
Pool::~Pool() = default;

Status Pool::refuseWhileDown() const {
  if (pause_.count() == 0 || clock_.steady() >= pausedUntil_) return okStatus();
  Error error = lastFailure_;
  error.text += " (not tried again yet)";
  return error;
}

/// The connection of this user, else one of nobody's use for longest; nothing when all must be made.
Pool::Seat Pool::takeIdle(const std::string& user) {
  auto found = std::find_if(idle_.begin(), idle_.end(),
                            [&](const Idle& one) { return one.connection->user() == user; });
  // A new connection is better than another user's, as long as there is room for it.
  if (found == idle_.end() && out_ + idle_.size() < settings_.most) return {};
  if (found == idle_.end()) found = idle_.begin();
  if (found == idle_.end()) return {};
  Seat seat{std::move(found->connection)};
  idle_.erase(found);
  return seat;
}

Status Pool::waitInLine(std::unique_lock<std::mutex>& lock) {
  Waiter self;
  const auto place = line_.insert(line_.end(), &self);
  const bool called = self.wake.wait_for(lock, settings_.wait, [&] { return self.called; });
  if (called) return okStatus();  // whoever called has taken us out of the line
  line_.erase(place);
  Error error = makeError(Errc::Busy, host_ + ": all " + std::to_string(settings_.most) +
                                          " connections were in use for too long");
  error.client = "The mail server is busy; try again.";
  return error;
}

/// The first of the line gets the seat that has become free: out_ counts it as taken already.
void Pool::callNext() {
  if (line_.empty()) return;
  Waiter* first = line_.front();
  line_.pop_front();
  ++out_;
  first->called = true;
  first->wake.notify_one();
}

void Pool::leave() {
  const std::lock_guard lock(mutex_);
  --out_;
  callNext();
}

Result<Pool::Seat> Pool::seat(const Client& client) {
  std::unique_lock lock(mutex_);
  PH_CHECK(refuseWhileDown());
  if (out_ < settings_.most && line_.empty()) {
    Seat seat = takeIdle(client.user);
    ++out_;
    return seat;
  }
  PH_CHECK(waitInLine(lock));
  // The seat is ours (out_ counts it).
  --out_;
  Seat seat = takeIdle(client.user);
  ++out_;
  return seat;
}

Result<std::unique_ptr<Connection>> Pool::connectAnew() {
  {
    const std::lock_guard lock(mutex_);
    PH_CHECK(refuseWhileDown());
    // One tries; who comes while it does is told what was wrong the last time.
    if (pause_.count() != 0) pausedUntil_ = clock_.steady() + settings_.connect;
  }
  auto made = connect_(clock_.steady() + settings_.connect);
  const std::lock_guard lock(mutex_);
  if (made) {
    if (pause_.count() != 0) log::write(messages::kBackEndBack, {{"host", host_}});
    pause_ = {};
    return made;
  }
  made.error().client = "The mail server does not answer now; try again.";
  lastFailure_ = made.error();
  if (pause_.count() == 0)
    log::write(messages::kBackEndGone, {{"host", host_}, {"detail", made.error().text}});
  pause_ = pause_.count() == 0 ? settings_.firstPause : std::min(settings_.lastPause, 2 * pause_);
  pausedUntil_ = clock_.steady() + pause_;
  idle_.clear();
  return made;
}

Result<Pool::Lease> Pool::ready(Seat seat, const Client& client) {
  bool used = seat.connection != nullptr;
  if (used && !seat.connection->fresh()) seat.connection.reset();
  if (seat.connection && (seat.connection->user() != client.user ||
                          clock_.steady() - seat.connection->loggedInAt() >= settings_.login)) {
    const Status changed = seat.connection->logIn(admin_, client);
    // Anything but a refusal that a new connection would meet as well.
    if (!changed.ok() && (seat.connection->dead() || changed.error().code == Errc::Unsupported))
      seat.connection.reset();
    else if (!changed.ok())
      return changed.error();
  }
  if (seat.connection) return Lease(*this, std::move(seat.connection), used);
  PH_TRY(seat.connection, connectAnew());
  PH_CHECK(seat.connection->logIn(admin_, client));
  return Lease(*this, std::move(seat.connection), false);
}

Result<Pool::Lease> Pool::lease(const Client& client) {
  PH_TRY(Seat taken, seat(client));
  auto lease = ready(std::move(taken), client);
  if (lease) return lease;
  leave();
  if (lease.error().code == Errc::Denied) {
    log::write(messages::kBackEndRefuses,
               {{"host", host_}, {"user", client.user}, {"detail", lease.error().text}});
  }
  return lease;
}

void Pool::giveBack(std::unique_ptr<Connection> connection) {
  std::unique_ptr<Connection> dead;  // closed without the lock
  const std::lock_guard lock(mutex_);
  --out_;
  // Of whom there is any doubt may be nobody's next: a new connection costs less than another one's mail.
  if (connection && connection->clean() && !connection->user().empty())
    idle_.push_back({std::move(connection), clock_.steady()});
  else
    dead = std::move(connection);
  callNext();
}

bool Pool::contended() const {
  const std::lock_guard lock(mutex_);
  return !line_.empty();
}

Pool::Counts Pool::counts() const {
  const std::lock_guard lock(mutex_);
  return {.open = out_ + idle_.size(),
          .idle = idle_.size(),
          .waiting = line_.size(),
          .down = pause_.count() != 0};
}

void Pool::sweep() {
  std::list<Idle> old;  // closed without the lock
  const std::lock_guard lock(mutex_);
  const Steady now = clock_.steady();
  while (!idle_.empty() && now - idle_.front().since >= settings_.idle)
    old.splice(old.end(), idle_, idle_.begin());
}

}  // namespace posthorn::mshttpd::backend
