// SPDX-License-Identifier: Apache-2.0
#include "master/service.h"

#include <algorithm>

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
  for (const Generation& generation : generations_)
    if (generation.number == current_) return generation.plan;
  return nullptr;
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

Service::Found Service::findWorker(pid_t pid) {
  for (Generation& generation : generations_)
    for (Place& place : generation.places)
      if (place.worker && place.worker->pid == pid) return {&generation, &place};
  return {};
}

// Orders.

void Service::start(std::shared_ptr<const Plan> plan, Done done) {
  if (busy() || started()) {
    done(makeError(Errc::Busy, name() + ": another order is being carried out"));
    return;
  }
  binding_ = true;
  const auto endpoints = endpointsOf(plan->options);
  around_.binder.bindAll(service_, endpoints, {},
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
  // An address that is wanted anew while an old socket of ours is in its way cannot be bound beside it.
  if (overlaps(endpointsOf(plan->options)))
    stopThenStart(std::move(plan), std::move(done));
  else
    rebind(std::move(plan), std::move(done));
}

void Service::rebind(std::shared_ptr<const Plan> plan, Done done) {
  binding_ = true;
  const auto endpoints = endpointsOf(plan->options);
  around_.binder.bindAll(service_, endpoints, find(current_)->listeners,
                         [this, plan = std::move(plan), done = std::move(done), epoch = epoch_](auto bound) {
                           binding_ = false;
                           if (!bound.ok())
                             done(bound.error());
                           else if (epoch != epoch_)
                             done(makeError(Errc::Cancelled, name() + ": stopped meanwhile"));
                           else
                             bring(Order::Restart, plan, std::move(*bound), done);
                         });
}

bool Service::overlaps(const std::vector<Endpoint>& wanted) const {
  const auto isAny = [](const std::string& address) { return address == "0.0.0.0" || address == "::"; };
  const auto family = [](const std::string& address) { return address.find(':') == std::string::npos; };
  for (const Generation& generation : generations_) {
    for (const auto& held : generation.listeners) {
      const Endpoint& old = held->endpoint();
      for (const Endpoint& endpoint : wanted) {
        if (endpoint == old || endpoint.port != old.port || family(endpoint.address) != family(old.address))
          continue;
        if (endpoint.address == old.address || isAny(endpoint.address) || isAny(old.address)) return true;
      }
    }
  }
  return false;
}

void Service::stopThenStart(std::shared_ptr<const Plan> plan, Done done) {
  const auto before = find(current_)->plan;
  const auto epoch = epoch_ + 1;  // of the stop that follows; a later one has ordered otherwise
  stop(false, [this, plan = std::move(plan), before, done = std::move(done), epoch](const Status&) {
    if (epoch != epoch_) {
      done(makeError(Errc::Cancelled, name() + ": stopped meanwhile"));
      return;
    }
    start(plan, [this, before, done](const Status& status) {
      if (status.ok() || started()) {
        done(status);
        return;
      }
      // The new addresses cannot be had: the old ones were ours a moment ago.
      start(before, [status, done](const Status& again) {
        done(makeError(status.error().code,
                       status.error().text +
                           (again.ok() ? "; the service runs on as before" : "; " + again.error().text)));
      });
    });
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
    finish(std::move(pending.done), okStatus());
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

void Service::push(std::shared_ptr<const Plan> plan, Done done) {
  Generation* current = find(current_);
  if (busy() || push_ || current == nullptr) {
    done(makeError(Errc::Busy, name() + ": another order is being carried out"));
    return;
  }
  current->plan = plan;
  push_ = Push{{}, "", std::move(done)};
  for (const Place& place : current->places)
    if (place.worker) push_->awaited.insert(place.worker->pid);
  proc::Message message;
  message.kind = proc::Kind::Snapshot;
  message.number = nextPush_++;
  const std::array<int, 2> fds = {plan->configFd.get(), plan->tlsFd.get()};
  for (const Place& place : current->places) {
    if (place.worker && !place.worker->link.send(message, fds).ok())
      settlePush(place.worker->pid, "a worker does not listen");
  }
  settlePush(-1, "");
}

void Service::settlePush(pid_t pid, const std::string& error) {
  if (!push_) return;
  if (push_->awaited.erase(pid) != 0 && !error.empty())
    push_->errors += (push_->errors.empty() ? "" : "; ") + error;
  if (!push_->awaited.empty()) return;
  const Push push = std::move(*push_);
  push_.reset();
  finish(push.done, push.errors.empty() ? okStatus() : makeError(Errc::Invalid, name() + ": " + push.errors));
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
