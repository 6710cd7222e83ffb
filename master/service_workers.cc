// SPDX-License-Identifier: Apache-2.0
// The part of Service that deals with single workers: start, messages, heartbeat, death, replacement.
#include <algorithm>
#include <csignal>
#include <cstring>

#include <sys/wait.h>

#include "master/child.h"
#include "master/messages.h"
#include "master/service.h"

namespace posthorn::master {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A worker that does not serve after this long never will.
constexpr seconds kReadyTimeout{30};
/// From the SIGABRT of a hung worker to its SIGKILL.
constexpr seconds kAbortGrace{2};
/// What a worker has beyond base.stoptimeout, in which it cuts its sessions by itself.
constexpr seconds kKillGrace{5};
constexpr int kMessagesPerTurn = 64;
/// For a worker whose link is at its end to be reaped.
constexpr seconds kUnlinkedGrace{10};

std::string describe(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return std::string("SIG") + (name != nullptr ? name : "?");
  }
  return "exit " + std::to_string(WEXITSTATUS(status));
}

/// SIGKILL comes from the operator or a machine without memory: neither says anything about the accounts.
bool isCrash(int status) {
  if (WIFSIGNALED(status)) return WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGTERM;
  return WEXITSTATUS(status) != 0;
}

/// Those that write to the store and so have changes to tell.
bool commits(config::Service service) {
  return service != config::Service::Http;
}

/// Those whose sessions wait for changes.
bool listens(config::Service service) {
  return service == config::Service::Imap || service == config::Service::Ens;
}

/// Those whose clients show passwords.
bool logsIn(config::Service service) {
  return service == config::Service::Pop || service == config::Service::Imap ||
         service == config::Service::Http;
}

}  // namespace

std::optional<std::size_t> Service::claimEvents() {
  if (!listens(service_)) return std::nullopt;
  const auto slot = around_.eventSlots->claim();
  if (!slot) log::write(messages::kNoEventSlot, {{"service", name()}});
  return slot;
}

void Service::releaseEvents(std::optional<std::size_t> slot) {
  if (slot) around_.eventSlots->release(*slot);
}

std::optional<std::uint32_t> Service::freeSlot() const {
  for (std::uint32_t slot = 0; slot < stats::kMaxSlots; ++slot)
    if (usedSlots_.count(slot) == 0) return slot;
  return std::nullopt;
}

void Service::spawnAt(Generation& generation, Place& place) {
  place.restartTimer = 0;
  const Status spawned = trySpawn(generation, place);
  if (spawned.ok()) return;
  log::write(messages::kForkFailed, {{"service", name()}, {"reason", spawned.error().text}});
  retryLater(generation, place, place.throttle.onDeath(milliseconds(0), false));
  if (pending_ && pending_->generation == generation.number) {
    // Not from inside bring(), which still walks the places.
    around_.reactor.after(milliseconds(0), [this, text = spawned.error().text] { failPending(text); });
  }
}

Status Service::trySpawn(Generation& generation, Place& place) {
  const auto slot = freeSlot();
  if (!slot) return makeError(Errc::Limit, "no slot is left in the scoreboard");
  PH_TRY(auto link, proc::Link::pair());
  proc::Message launch;
  launch.kind = proc::Kind::Launch;
  launch.service = name();
  launch.generation = generation.number;
  launch.slot = *slot;
  launch.index = place.index;
  ChildPlan child;
  for (const auto& socket : generation.listeners) {
    const Endpoint& endpoint = socket->endpoint();
    launch.listeners.push_back({endpoint.address, endpoint.port, endpoint.tls});
    child.listeners.push_back(socket->fd());
  }
  if (commits(service_)) {
    child.events = around_.events->descriptors();
    launch.eventWakes = static_cast<std::uint32_t>(around_.events->slots());
  }
  if (logsIn(service_)) {
    child.failures = around_.failures->fd();
    launch.failures = true;
  }
  const auto eventSlot = claimEvents();
  if (eventSlot) launch.eventSlot = static_cast<std::uint32_t>(*eventSlot);
  if (const Status sent = link.first.send(launch); !sent.ok()) {
    releaseEvents(eventSlot);
    return sent.error();
  }
  child.program = around_.programDir + "/" + std::string(config::programOf(service_));
  child.label = "generation " + std::to_string(generation.number) + " worker " + std::to_string(place.index);
  child.control = link.second.fd();
  child.config = generation.plan->configFd.get();
  child.tls = generation.plan->tlsFd.get();
  child.scoreboard = board_->fd();
  child.user = &around_.user;
  board_->claim(*slot, generation.number, place.index, around_.reactor.now());
  const auto pid = spawn(child);
  if (!pid.ok()) {
    board_->release(*slot);
    releaseEvents(eventSlot);
    return pid.error();
  }
  usedSlots_.insert(*slot);
  place.worker = std::make_unique<WorkerProcess>();
  place.worker->pid = *pid;
  place.worker->link = std::move(link.first);
  place.worker->slot = *slot;
  place.worker->eventSlot = eventSlot;
  place.worker->started = around_.reactor.now();
  around_.reactor.watch(place.worker->link.fd(), [this, pid = *pid] { onLink(pid); });
  log::write(messages::kSpawned, {{"service", name()},
                                  {"pid", std::to_string(*pid)},
                                  {"generation", std::to_string(generation.number)},
                                  {"worker", std::to_string(place.index)}});
  return okStatus();
}

void Service::retryLater(Generation& generation, Place& place, seconds wait) {
  place.restartTimer = around_.reactor.after(wait, [this, number = generation.number, index = place.index] {
    Generation* found = find(number);
    if (found == nullptr || found->phase != Generation::Phase::Serving) return;
    ++found->places[index].restarts;
    spawnAt(*found, found->places[index]);
  });
}

void Service::onLink(pid_t pid) {
  const Found found = findWorker(pid);
  if (found.place != nullptr) drainLink(*found.generation, *found.place->worker);
}

void Service::drainLink(Generation& generation, WorkerProcess& worker) {
  // What does not fit into this turn is read in the next: a worker that floods its link starves nobody.
  for (int i = 0; i < kMessagesPerTurn && worker.link.fd() >= 0; ++i) {
    auto received = worker.link.receive();
    if (!received.ok() && received.error().code == Errc::Invalid) {
      log::write(messages::kLink, {{"pid", std::to_string(worker.pid)}, {"reason", received.error().text}});
      continue;
    }
    if (!received.ok()) {
      around_.reactor.unwatch(worker.link.fd());
      worker.link = proc::Link(UniqueFd());
      // It is about to be reaped, or it lost its link for another reason and cannot be told anything.
      if (worker.killTimer == 0) killAfter(worker, kUnlinkedGrace);
      return;
    }
    if (!*received) return;
    onMessage(generation, worker, (*received)->message);
  }
}

void Service::onMessage(Generation& generation, WorkerProcess& worker, const proc::Message& message) {
  switch (message.kind) {
    case proc::Kind::Ready:
      worker.ready = true;
      // Later, because the order that waits may end generations, and with them this worker.
      around_.reactor.after(milliseconds(0), [this] { checkPending(); });
      break;
    case proc::Kind::Failed:
      worker.failure = message.text;
      log::write(messages::kFailed, {{"service", name()},
                                     {"pid", std::to_string(worker.pid)},
                                     {"generation", std::to_string(generation.number)},
                                     {"reason", message.text}});
      break;
    case proc::Kind::Applied:
      // A late answer to an earlier push says nothing of this one.
      if (push_ && push_->number == message.number) settlePush(worker.pid, message.text);
      break;
    case proc::Kind::Closed:
      worker.closed = true;
      settleClosed(worker.pid);
      break;
    default:
      log::write(messages::kLink,
                 {{"pid", std::to_string(worker.pid)}, {"reason", "a message of the wrong kind"}});
  }
}

bool Service::onReaped(pid_t pid, int status) {
  const Found found = findWorker(pid);
  if (found.place == nullptr) return false;
  drainLink(*found.generation, *found.place->worker);
  auto worker = std::move(found.place->worker);
  around_.reactor.cancel(worker->killTimer);
  if (worker->link.fd() >= 0) around_.reactor.unwatch(worker->link.fd());
  afterDeath(*found.generation, *found.place, std::move(worker), status);
  settle();
  return true;
}

void Service::afterDeath(Generation& generation, Place& place, std::unique_ptr<WorkerProcess> worker,
                         int status) {
  countDeath(generation, *worker, status);
  settlePush(worker->pid, "a worker died");
  settleClosed(worker->pid);
  const bool serving = generation.phase == Generation::Phase::Serving;
  if (!serving || worker->asked) return;
  if (pending_ && pending_->generation == generation.number && !worker->ready) {
    const bool first = pending_->order == Order::Start;
    failPending(worker->failure.empty() ? "it ended with " + describe(status) : worker->failure);
    // The new generation of a refresh or restart is ended as a whole.
    if (!first) return;
  }
  if (!worker->failure.empty()) lastFailure_ = worker->failure;
  replace(generation, place, *worker);
}

void Service::countDeath(const Generation& generation, const WorkerProcess& worker, int status) {
  const stats::SlotView view = stats::readSlot(*board_, worker.slot);
  for (std::size_t i = 0; i < stats::kCounters; ++i) retired_[i] += view.counters[i];
  const auto accounts = stats::readInFlight(*board_, worker.slot);
  board_->release(worker.slot);
  usedSlots_.erase(worker.slot);
  releaseEvents(worker.eventSlot);
  // It may have been killed between a change and its announcement.
  for (const stats::AccountView& account : accounts)
    around_.events->announce(events::Area::bucketOfHash(account.hash));
  const bool unasked = !worker.asked || worker.hung || (isCrash(status) && !worker.forced);
  const auto lived = std::chrono::duration_cast<milliseconds>(around_.reactor.now() - worker.started);
  log::write(unasked ? messages::kDied : messages::kEndedWorker,
             {{"service", name()},
              {"pid", std::to_string(worker.pid)},
              {"generation", std::to_string(generation.number)},
              {"status", describe(status)},
              {"sessions", std::to_string(view[stats::Gauge::Sessions])},
              {"lived_ms", std::to_string(lived.count())}});
  if (unasked) ++deaths_;
  if (unasked && (isCrash(status) || worker.hung) && worker.failure.empty()) around_.onCrash(accounts);
  proc::Message died;
  died.kind = proc::Kind::Died;
  died.service = name();
  died.generation = generation.number;
  died.slot = worker.slot;
  died.pid = static_cast<std::uint32_t>(worker.pid);
  around_.onDeath(died);
}

void Service::replace(Generation& generation, Place& place, const WorkerProcess& worker) {
  if (!around_.config->get<"base.autorestart">()) {
    log::write(messages::kNotReplaced, {{"service", name()}});
    return;
  }
  const auto lived = std::chrono::duration_cast<milliseconds>(around_.reactor.now() - worker.started);
  const seconds wait = place.throttle.onDeath(lived, worker.ready);
  if (wait.count() > 0)
    log::write(messages::kThrottled, {{"service", name()},
                                      {"worker", std::to_string(place.index)},
                                      {"wait", std::to_string(wait.count())},
                                      {"deaths", std::to_string(place.throttle.looping())}});
  retryLater(generation, place, wait);
}

void Service::watch(Steady floor) {
  for (Generation& generation : generations_)
    for (Place& place : generation.places)
      if (place.worker) judge(*place.worker, floor);
}

void Service::judge(WorkerProcess& worker, Steady floor) {
  const auto watchdog = around_.config->get<"base.watchdog">();
  if (worker.hung || (worker.ready && watchdog.count() == 0)) return;
  const milliseconds beat(stats::readSlot(*board_, worker.slot).heartbeatMs);
  Steady last = std::max(worker.started, floor);
  if (worker.ready) last = std::max(last, Steady(beat));
  const seconds most = worker.ready ? watchdog : std::max(watchdog, kReadyTimeout);
  if (around_.reactor.now() - last <= most) return;
  worker.hung = true;
  if (!worker.ready && worker.failure.empty())
    worker.failure = "it does not serve after " + std::to_string(most.count()) + " s";
  log::write(messages::kHung, {{"service", name()}, {"pid", std::to_string(worker.pid)}});
  ::kill(worker.pid, SIGABRT);
  killAfter(worker, kAbortGrace);
}

void Service::killAfter(WorkerProcess& worker, milliseconds wait) {
  around_.reactor.cancel(worker.killTimer);
  worker.killTimer = around_.reactor.after(wait, [this, pid = worker.pid] {
    const Found found = findWorker(pid);
    if (found.place == nullptr) return;
    found.place->worker->killTimer = 0;
    if (found.place->worker->asked && !found.place->worker->hung) {
      found.place->worker->forced = true;
      log::write(messages::kStopForced, {{"service", name()}, {"pid", std::to_string(pid)}});
    }
    ::kill(pid, SIGKILL);
  });
}

void Service::endWorker(WorkerProcess& worker, Generation::Phase phase, bool force) {
  worker.asked = true;
  if (force) {
    worker.forced = true;
    ::kill(worker.pid, SIGKILL);
    return;
  }
  proc::Message message;
  const bool stop = phase == Generation::Phase::Stopping;
  message.kind = stop ? proc::Kind::Stop : proc::Kind::Drain;
  message.seconds =
      stop ? around_.config->get<"base.stoptimeout">() : around_.config->get<"base.draintimeout">();
  // A worker that does not read would never drain.
  const bool told = worker.link.send(message).ok();
  // The first order to stop sets the time: repeating it must not put the end off.
  if ((stop || !told) && !worker.hung && worker.killTimer == 0)
    killAfter(worker, message.seconds + kKillGrace);
}

void Service::tellAll(const proc::Message& message) {
  for (Generation& generation : generations_)
    for (Place& place : generation.places)
      if (place.worker && place.worker->ready) static_cast<void>(place.worker->link.send(message));
}

}  // namespace posthorn::master
