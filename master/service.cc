// SPDX-License-Identifier: Apache-2.0
#include "master/service.h"

#include <algorithm>
#include <utility>

#include "master/messages.h"

namespace posthorn::master {
namespace {

std::string_view toString(Generation::Phase phase) {
  switch (phase) {
    case Generation::Phase::Serving:
      return "serving";
    case Generation::Phase::Draining:
      return "draining";
    case Generation::Phase::Stopping:
      return "stopping";
  }
  return "unknown";
}

}  // namespace

Service::Service(Surroundings& around, config::Service service, std::shared_ptr<stats::Board> board)
    : around_(around), service_(service), board_(std::move(board)) {}

std::shared_ptr<const Plan> Service::plan() const {
  const Generation* current = find(current_);
  return current == nullptr ? nullptr : current->plan;
}

std::size_t Service::workers() const {
  std::size_t count = 0;
  for (const Generation& generation : generations_) count += generation.alive();
  return count;
}

Generation* Service::find(std::uint64_t number) {
  const auto found = std::find_if(generations_.begin(), generations_.end(),
                                  [number](const auto& g) { return g.number == number; });
  return found == generations_.end() ? nullptr : &*found;
}

const Generation* Service::find(std::uint64_t number) const {
  return const_cast<Service*>(this)->find(number);
}

Service::Found Service::findWorker(pid_t pid) {
  for (Generation& generation : generations_)
    for (Place& place : generation.places)
      if (place.worker && place.worker->pid == pid) return {&generation, &place};
  return {};
}

// Orders.

void Service::start(std::shared_ptr<const Plan> plan, Done done) {
  startOn(std::move(plan), {}, std::move(done));
}

void Service::startOn(std::shared_ptr<const Plan> plan, Binder::Held held, Done done) {
  if (busy() || started()) {
    done(makeError(Errc::Busy, name() + ": another order is being carried out"));
    return;
  }
  binding_ = true;
  const auto endpoints = endpointsOf(plan->options);
  around_.binder.bindAll(service_, endpoints, std::move(held),
                         [this, plan = std::move(plan), done = std::move(done), epoch = epoch_](auto bound) {
                           binding_ = false;
                           if (!bound.ok()) {
                             lastFailure_ = bound.error().text;
                             done(bound.error());
                           } else if (epoch != epoch_) {
                             done(makeError(Errc::Cancelled, name() + ": stopped meanwhile"));
                           } else {
                             bring(Order::Start, plan, std::move(*bound), done);
                           }
                         });
}

void Service::refresh(std::shared_ptr<const Plan> plan, Done done) {
  Generation* current = find(current_);
  if (busy() || current == nullptr) {
    done(makeError(Errc::Busy, name() + ": another order is being carried out"));
    return;
  }
  bring(Order::Refresh, std::move(plan), current->listeners, std::move(done));
}

void Service::restart(std::shared_ptr<const Plan> plan, Done done) {
  if (busy() || find(current_) == nullptr) {
    done(makeError(Errc::Busy, name() + ": another order is being carried out"));
    return;
  }
  // Old and new workers accept from one socket for a while: both must speak the same on it.
  if (changesMeaning(endpointsOf(plan->options)))
    replace(std::move(plan), {}, std::move(done));
  else
    rebind(std::move(plan), std::move(done));
}

void Service::rebind(std::shared_ptr<const Plan> plan, Done done) {
  binding_ = true;
  const auto endpoints = endpointsOf(plan->options);
  around_.binder.bindAll(
      service_, endpoints, {listeners(), {}},
      [this, endpoints, plan = std::move(plan), done = std::move(done), epoch = epoch_](auto bound) {
        binding_ = false;
        if (epoch != epoch_)
          done(makeError(Errc::Cancelled, name() + ": stopped meanwhile"));
        else if (bound.ok())
          bring(Order::Restart, plan, std::move(*bound), done);
        else if (overlaps(endpoints))
          // The kernel binds no second socket beside one that another user made, as systemd does.
          stopThenStart(plan, done);
        else
          done(bound.error());
      });
}

ListenSockets Service::listeners() const {
  const Generation* current = find(current_);
  return current == nullptr ? ListenSockets() : current->listeners;
}

bool Service::overlaps(const std::vector<Endpoint>& wanted) const {
  for (const auto& held : listeners())
    for (const Endpoint& endpoint : wanted)
      if (endpoint != held->endpoint() && overlap(endpoint, held->endpoint())) return true;
  return false;
}

bool Service::changesMeaning(const std::vector<Endpoint>& wanted) const {
  for (const auto& held : listeners())
    for (const Endpoint& endpoint : wanted)
      if (endpoint.tls != held->endpoint().tls && overlap(endpoint, held->endpoint())) return true;
  return false;
}

void Service::replace(std::shared_ptr<const Plan> plan, ListenSockets others, Done done) {
  /// Two halves: the old generations have ended, the new one serves or will.
  struct Both {
    Both(const Both&) = delete;
    Both& operator=(const Both&) = delete;
    explicit Both(Done to) : done(std::move(to)) {}
    ~Both() { done(status); }
    Status status = okStatus();
    Done done;
  };
  auto both = std::make_shared<Both>(std::move(done));
  const auto before = this->plan();
  Binder::Held held{listeners(), std::move(others)};
  stop(false, [both](const Status&) {});
  startOrFallBack(std::move(plan), before, held, [both](const Status& status) { both->status = status; });
}

/// As startOn; when not even the sockets can be had, with the settings of before.
void Service::startOrFallBack(std::shared_ptr<const Plan> plan, const std::shared_ptr<const Plan>& before,
                              const Binder::Held& held, const Done& done) {
  startOn(std::move(plan), held, [this, before, held, done](const Status& status) {
    if (status.ok() || started() || !before || status.error().code == Errc::Cancelled) {
      done(status);
      return;
    }
    startOn(before, held, [status, done](const Status& again) {
      done(makeError(status.error().code,
                     status.error().text +
                         (again.ok() ? "; the service runs on as before" : "; " + again.error().text)));
    });
  });
}

void Service::stopThenStart(std::shared_ptr<const Plan> plan, Done done) {
  const auto before = find(current_)->plan;
  const auto epoch = epoch_ + 1;  // of the stop that follows; a later one has ordered otherwise
  stop(false, [this, plan = std::move(plan), before, done = std::move(done), epoch](const Status&) {
    if (epoch != epoch_)
      done(makeError(Errc::Cancelled, name() + ": stopped meanwhile"));
    else
      startOrFallBack(plan, before, {}, done);
  });
}

void Service::bring(Order order, std::shared_ptr<const Plan> plan, ListenSockets listeners, Done done) {
  Generation& generation = generations_.emplace_back();
  generation.number = nextGeneration_++;
  generation.plan = std::move(plan);
  generation.listeners = std::move(listeners);
  generation.places.resize(generation.plan->options.numprocesses);
  if (order == Order::Start) current_ = generation.number;
  pending_ = Pending{order, generation.number, std::move(done)};
  log::write(messages::kGeneration, {{"service", name()},
                                     {"generation", std::to_string(generation.number)},
                                     {"state", "starting"},
                                     {"workers", std::to_string(generation.places.size())}});
  for (std::uint32_t i = 0; i < generation.places.size(); ++i) {
    generation.places[i].index = i;
    spawnAt(generation, generation.places[i]);
  }
}

void Service::checkPending() {
  if (!pending_) {
    // A start that had failed and was tried again.
    if (const Generation* current = find(current_); current != nullptr && current->allReady())
      lastFailure_.clear();
    return;
  }
  const Generation* generation = find(pending_->generation);
  if (generation == nullptr || !generation->allReady()) return;
  Pending pending = std::move(*pending_);
  pending_.reset();
  lastFailure_.clear();
  log::write(messages::kGeneration,
             {{"service", name()}, {"generation", std::to_string(generation->number)}, {"state", "serving"}});
  takeOver(std::move(pending));
}

void Service::takeOver(Pending pending) {
  current_ = pending.generation;
  if (pending.order == Order::Start) {
    finish(std::move(pending.done), okStatus());
    return;
  }
  std::set<std::uint64_t> old;
  for (Generation& generation : generations_) {
    if (generation.number == current_) continue;
    old.insert(generation.number);
    if (pending.order == Order::Restart)
      endGeneration(generation, Generation::Phase::Stopping, false);
    else if (generation.phase == Generation::Phase::Serving)
      endGeneration(generation, Generation::Phase::Draining, false);
  }
  limitDraining();
  if (pending.order == Order::Restart)
    awaitEnd(std::move(old), std::move(pending.done));
  else
    awaitClosed(old, std::move(pending.done));
  settle();
}

void Service::limitDraining() {
  std::size_t draining = 0;
  for (auto g = generations_.rbegin(); g != generations_.rend(); ++g) {
    if (g->phase != Generation::Phase::Draining || ++draining <= kMaxDraining) continue;
    endGeneration(*g, Generation::Phase::Stopping, false);
  }
}

void Service::failPending(const std::string& why) {
  if (!pending_) return;
  Pending pending = std::move(*pending_);
  pending_.reset();
  lastFailure_ = why;
  if (pending.order == Order::Start) {
    finish(std::move(pending.done),
           makeError(Errc::Unavailable, name() + ": a worker cannot start: " + why + "; it is tried again"));
    return;
  }
  // Those of its workers that did start may have let clients in already.
  if (Generation* failed = find(pending.generation))
    endGeneration(*failed, Generation::Phase::Draining, false);
  limitDraining();
  settle();
  finish(std::move(pending.done), makeError(Errc::Unavailable, name() + ": the new workers cannot start: " +
                                                                   why + "; the old ones go on"));
}

void Service::abandonPending(const std::string& why) {
  ++epoch_;
  if (!pending_) return;
  finish(std::move(pending_->done), makeError(Errc::Cancelled, name() + ": " + why));
  pending_.reset();
}

/// Later, so that no order is given while another one is half carried out.
void Service::finish(Done done, Status status) {
  around_.reactor.after(std::chrono::milliseconds(0),
                        [done = std::move(done), status = std::move(status)] { done(status); });
}

void Service::drain(Done done) {
  endAll(Generation::Phase::Draining, false, std::move(done));
}

void Service::stop(bool force, Done done) {
  endAll(Generation::Phase::Stopping, force, std::move(done));
}

// Ends.

void Service::endAll(Generation::Phase phase, bool force, Done done) {
  abandonPending("stopped meanwhile");
  current_ = 0;
  lastFailure_.clear();
  std::set<std::uint64_t> all;
  for (Generation& generation : generations_) {
    all.insert(generation.number);
    endGeneration(generation, phase, force);
  }
  awaitEnd(std::move(all), std::move(done));
  settle();
}

void Service::awaitEnd(std::set<std::uint64_t> generations, Done done) {
  waiters_.push_back({std::move(generations), std::move(done)});
}

void Service::endGeneration(Generation& generation, Generation::Phase phase, bool force) {
  if (generation.phase < phase) {
    generation.phase = phase;
    log::write(messages::kGeneration, {{"service", name()},
                                       {"generation", std::to_string(generation.number)},
                                       {"state", std::string(toString(phase))}});
  }
  generation.listeners.clear();
  for (Place& place : generation.places) {
    around_.reactor.cancel(place.restartTimer);
    if (place.worker) endWorker(*place.worker, generation.phase, force);
  }
}

/// Workers that are gone leave empty generations: they go when nobody iterates over the list any more.
void Service::settle() {
  around_.reactor.after(std::chrono::milliseconds(0), [this] { sweep(); });
}

void Service::sweep() {
  generations_.remove_if([](const Generation& generation) {
    return generation.phase != Generation::Phase::Serving && generation.alive() == 0;
  });
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    const bool left = std::any_of(waiter->generations.begin(), waiter->generations.end(),
                                  [this](std::uint64_t number) { return find(number) != nullptr; });
    if (left) {
      ++waiter;
      continue;
    }
    finish(std::move(waiter->done), okStatus());
    waiter = waiters_.erase(waiter);
  }
}

}  // namespace posthorn::master
