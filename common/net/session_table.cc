// SPDX-License-Identifier: Apache-2.0
#include "common/net/session_table.h"

#include <algorithm>
#include <utility>

#include "common/base/assert.h"

namespace posthorn::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeastSleep{1000};    // at most one wake-up a second
constexpr milliseconds kSilentEnough{1000};  // at a stop: this session is not in the middle of something
constexpr milliseconds kStopTurn{200};       // how often a stop looks for sessions that fell silent
constexpr milliseconds kFarewellTime{2000};  // for the last words after the stop's deadline
// Who never logged in is cut when it has not taken its farewell by then.
constexpr milliseconds kStrangersFarewell{15000};
constexpr std::uint32_t kFirstGeneration = 1;  // 0 names nothing

}  // namespace

void SessionList::append(Session& session) {
  session.earlier_ = last_;
  session.later_ = nullptr;
  (last_ != nullptr ? last_->later_ : first_) = &session;
  last_ = &session;
  ++size_;
}

void SessionList::remove(Session& session) {
  (session.earlier_ != nullptr ? session.earlier_->later_ : first_) = session.later_;
  (session.later_ != nullptr ? session.later_->earlier_ : last_) = session.earlier_;
  session.earlier_ = session.later_ = nullptr;
  --size_;
}

SessionTable::SessionTable(Loop& loop, const Limits& limits, stats::Slot slot)
    : loop_(loop),
      limits_(limits),
      slot_(std::move(slot)),
      timer_(std::make_unique<Timer>(loop, [this] { sweep(); })),
      alive_(std::make_shared<bool>(true)) {}

SessionTable::~SessionTable() {
  loop_.assertHere();
  *alive_ = false;
  for (Place& place : places_) place.session.reset();
}

std::uint32_t SessionTable::freePlace() {
  if (!free_.empty()) {
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  places_.push_back({.session = nullptr, .generation = kFirstGeneration});
  return static_cast<std::uint32_t>(places_.size() - 1);
}

SessionId SessionTable::add(std::unique_ptr<Session> session, AddressTicket ticket) {
  loop_.assertHere();
  PH_ASSERT(session != nullptr && session->table_ == nullptr);
  const std::uint32_t slot = freePlace();
  Session& added = *session;
  places_[slot].session = std::move(session);
  added.table_ = this;
  added.id_ = {.slot = slot, .generation = places_[slot].generation};
  added.began_ = added.strangerSince_ = added.lastActivity_ = loop_.now();
  added.ticket_ = std::move(ticket);
  strangers_.append(added);
  ++all_;
  publish();
  // A sweep that was set for sessions that are logged in may be half an hour away.
  if (!timer_->running() || strangers_.size() == 1) arm();
  const SessionId id = added.id_;
  loop_.guard([&added] { added.begin(); },
              [&added] {
                added.cut(makeError(Errc::Internal, "exception at the begin of a session"));
                added.end();
              });
  return id;
}

Session* SessionTable::find(SessionId id) const {
  loop_.assertHere();
  if (id.slot >= places_.size()) return nullptr;
  const Place& place = places_[id.slot];
  if (place.generation != id.generation || !place.session || place.session->ending_) return nullptr;
  return place.session.get();
}

Session* SessionTable::oldestStranger(milliseconds age) const {
  for (Session* s = strangers_.first(); s != nullptr; s = SessionList::after(*s)) {
    if (loop_.now() - s->strangerSince_ < age) return nullptr;  // in their order: the rest is younger
    if (!s->parted_ && !s->busy()) return s;
  }
  return nullptr;
}

void SessionTable::touch(Session& session) {
  loop_.assertHere();
  if (session.ending_) return;
  session.lastActivity_ = loop_.now();
  if (!session.authenticated_) return;
  known_.remove(session);
  known_.append(session);
}

void SessionTable::markAuthenticated(Session& session) {
  loop_.assertHere();
  if (session.ending_ || session.authenticated_) return;
  session.authenticated_ = true;
  session.lastActivity_ = loop_.now();
  strangers_.remove(session);
  known_.append(session);
  if (known_.size() == 1) arm();
  publish();
}

void SessionTable::markUnauthenticated(Session& session) {
  loop_.assertHere();
  if (session.ending_ || !session.authenticated_) return;
  session.authenticated_ = false;
  session.strangerSince_ = session.lastActivity_ = loop_.now();
  known_.remove(session);
  strangers_.append(session);
  if (strangers_.size() == 1) arm();
  publish();
}

// The session is still on the stack perhaps: it leaves the lists now and memory after this callback.
void SessionTable::end(Session& session) {
  loop_.assertHere();
  if (std::exchange(session.ending_, true)) return;
  (session.authenticated_ ? known_ : strangers_).remove(session);
  loop_.defer([this, alive = alive_, slot = session.id_.slot] {
    if (*alive) remove(slot);
  });
}

void SessionTable::remove(std::uint32_t slot) {
  Place& place = places_[slot];
  place.session.reset();
  // A name that would repeat after 2^32 uses is never given again.
  if (++place.generation != 0) free_.push_back(slot);
  --all_;
  publish();
  if (onRoom_) onRoom_();
  checkEmpty();
}

void SessionTable::part(Session& session, Parting why) {
  session.parted_ = true;
  if (why == Parting::Idle || why == Parting::LoginTimeout) slot_.add(stats::Counter::IdleClosed);
  loop_.guard([&] { session.part(why); },
              [&] { session.cut(makeError(Errc::Internal, "exception at a session's parting")); });
}

void SessionTable::setLimits(const Limits& limits) {
  loop_.assertHere();
  limits_ = limits;
  arm();
}

void SessionTable::sweepList(SessionList& list, milliseconds limit, Parting why, bool byStart) {
  const Steady now = loop_.now();
  Session* next = nullptr;
  for (Session* s = list.first(); s != nullptr; s = next) {
    next = SessionList::after(*s);
    if (now - (byStart ? s->strangerSince_ : s->lastActivity_) < limit) break;
    if (s->parted_) {
      // Its stream has a time of its own for the farewell, which a stranger may not draw out.
      if (byStart && now - s->strangerSince_ >= limit + kStrangersFarewell)
        s->cut(makeError(Errc::Timeout, "does not take its farewell"));
      continue;
    }
    if (s->busy()) {
      touch(*s);
      continue;
    }
    part(*s, why);
  }
}

void SessionTable::sweep() {
  loop_.assertHere();
  sweepList(known_, limits_.idle, Parting::Idle, false);
  sweepList(strangers_, limits_.unauthenticated, Parting::LoginTimeout, true);
  sweepPhase();
  arm();
}

void SessionTable::sweepPhase() {
  if (phase_ == Phase::Running) return;
  const Steady now = loop_.now();
  const bool over = now >= deadline_;
  if (phase_ == Phase::Cutting) {
    if (over) forEach([](Session& s) { s.cut(makeError(Errc::Cancelled, "the service has stopped")); });
    return;
  }
  const Parting why = phase_ == Phase::Draining ? Parting::Drained : Parting::Stopping;
  forEach([&](Session& s) {
    const bool silent = phase_ == Phase::Stopping && !s.busy() && now - s.lastActivity_ >= kSilentEnough;
    if (!s.parted_ && (over || silent)) part(s, why);
  });
  if (!over) return;
  if (phase_ == Phase::Stopping) {
    phase_ = Phase::Cutting;
    deadline_ = now + kFarewellTime;
  } else {
    deadline_ = Steady::max();
  }
}

void SessionTable::drain(milliseconds timeout) {
  loop_.assertHere();
  if (phase_ != Phase::Running) return;
  phase_ = Phase::Draining;
  deadline_ = loop_.now() + timeout;
  checkEmpty();
  arm();
}

void SessionTable::stop(milliseconds timeout) {
  loop_.assertHere();
  if (phase_ == Phase::Stopping || phase_ == Phase::Cutting) return;
  phase_ = Phase::Stopping;
  deadline_ = loop_.now() + timeout;
  checkEmpty();
  sweep();
}

milliseconds SessionTable::untilNext() const {
  const Steady now = loop_.now();
  const auto left = [now](Steady then) {
    return then <= now ? milliseconds{0} : std::chrono::ceil<milliseconds>(then - now);
  };
  milliseconds next = std::chrono::hours{1};
  if (const Session* s = known_.first()) next = std::min(next, left(s->lastActivity_ + limits_.idle));
  if (const Session* s = strangers_.first())
    next = std::min(next, left(s->strangerSince_ + limits_.unauthenticated));
  next = std::max(next, kLeastSleep);
  if (phase_ != Phase::Running && deadline_ != Steady::max()) next = std::min(next, left(deadline_));
  if (phase_ == Phase::Stopping) next = std::min(next, kStopTurn);
  return next;
}

void SessionTable::arm() {
  if (all_ == 0) {
    timer_->stop();
  } else {
    timer_->start(untilNext());
  }
}

void SessionTable::checkEmpty() {
  if (all_ > 0 || phase_ == Phase::Running || std::exchange(toldEmpty_, true)) return;
  if (onEmpty_) onEmpty_();
}

void SessionTable::publish() {
  slot_.set(stats::Gauge::Sessions, all_);
  slot_.set(stats::Gauge::Unauthenticated, strangers_.size());
}

}  // namespace posthorn::net
