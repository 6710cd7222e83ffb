// SPDX-License-Identifier: Apache-2.0
#include "master/supervisor.h"

#include <algorithm>
#include <cerrno>

#include <sys/wait.h>

#include "common/base/ids.h"
#include "master/gather.h"
#include "master/instance.h"
#include "master/messages.h"

namespace posthorn::master {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxQueued = 64;
constexpr milliseconds kTick{500};
/// A tick that comes later than this was held up: by SIGSTOP, a suspended machine or a starved one.
constexpr milliseconds kLate{2000};
constexpr std::chrono::hours kTicketLife{24};

bool bringsUp(Command command) {
  return command == Command::Start || command == Command::Restart || command == Command::Refresh;
}

}  // namespace

Supervisor::Supervisor(Reactor& reactor, Systemd& systemd, Settings settings)
    : reactor_(reactor),
      systemd_(systemd),
      settings_(std::move(settings)),
      binder_(reactor, systemd),
      around_{reactor,
              binder_,
              settings_.user,
              settings_.programDir,
              nullptr,
              [this](const auto& accounts) { onCrash(accounts); },
              [this](const proc::Message& died) {
                for (const auto& service : services_) service->tellAll(died);
              }} {}

Status Supervisor::prepare(Reading reading, std::vector<UniqueFd> passed) {
  around_.config = std::move(reading.config);
  warnings_ = std::move(reading.warnings);
  std::array<std::uint64_t, 2> secret{};
  randomBytes(secret.data(), sizeof secret);
  // The boards and the event area have one secret: what the one says of an account, the other understands.
  PH_TRY(around_.events, events::Area::create(secret));
  around_.eventSlots.emplace(around_.events);
  PH_TRY(around_.failures, stats::FailureTable::create());
  for (std::size_t i = 0; i < config::kServices; ++i) {
    const auto service = static_cast<config::Service>(i);
    if (!config::isBuilt(service)) continue;
    PH_TRY(auto board, stats::Board::create(secret));
    services_.push_back(std::make_unique<Service>(around_, service, std::move(board)));
  }
  binder_.adopt(std::move(passed));
  started_ = lastTick_ = floor_ = lastRotation_ = reactor_.now();
  reactor_.after(kTick, [this] { tick(); });
  return okStatus();
}

void Supervisor::boot(const std::vector<config::Service>& only, Reply done) {
  running_ = true;
  Request which;
  which.command = Command::Start;
  which.services = only;
  const auto services = chosen(which);
  auto gather = std::make_shared<Gather>([this, services, named = !only.empty(),
                                          done = std::move(done)](Outcome outcome) {
    running_ = false;
    // A worker that cannot start is tried again; a listener that cannot be bound is not. A service that was
    // named and is disabled leaves a master without anything to do.
    const bool missing = std::any_of(services.begin(), services.end(), [this, named](const Service* service) {
      return (named || around_.config->service(service->service()).enable) && !service->started();
    });
    if (outcome.ok || !missing) {
      if (outcome.messages.empty()) outcome.messages.emplace_back("no service is enabled");
      systemd_.notify("READY=1\nSTATUS=" + summary());
      done(outcome);
      pump();
      return;
    }
    outcome.ending = true;
    Request stop;
    stop.command = Command::Stop;
    stop.bySignal = true;
    carryOut(stop, [done, outcome](const Outcome&) { done(outcome); });
  });
  auto plans = makePlans(which, around_.config, tickets_);
  if (!plans.ok())
    gather->outcome.fail(plans.error().text);
  else
    for (Service* service : services) startOne(*service, !only.empty(), *plans, gather);
  // Each service took its own at once: the clients of the others would wait for nobody.
  binder_.dropAdopted();
}

void Supervisor::carryOut(const Request& request, Reply reply) {
  switch (request.command) {
    case Command::Status: {
      Outcome outcome;
      outcome.status = status();
      reply(outcome);
      return;
    }
    case Command::Settings: {
      Outcome outcome;
      outcome.status = settings();
      reply(outcome);
      return;
    }
    case Command::Events: {
      Outcome outcome;
      outcome.descriptors = around_.events->descriptors();
      reply(outcome);
      return;
    }
    case Command::Release:
      release(request, reply);
      return;
    case Command::Stop:
      stopServices(request, std::move(reply));
      return;
    default:
      break;
  }
  Outcome refused;
  if (ending_) refused.fail("master is stopping");
  if (queue_.size() >= kMaxQueued) refused.fail("too many orders are waiting");
  if (!refused.ok) {
    reply(refused);
    return;
  }
  queue_.push_back({request, std::move(reply)});
  pump();
}

void Supervisor::pump() {
  if (running_ || queue_.empty()) return;
  running_ = true;
  const Queued next = std::move(queue_.front());
  queue_.pop_front();
  run(next.request, [this, reply = next.reply, command = next.request.command](const Outcome& outcome) {
    running_ = false;
    for (const std::string& text : outcome.messages)
      log::write(outcome.ok ? messages::kCommand : messages::kCommandFailed, {{"text", text}});
    if (bringsUp(command)) systemd_.notify("READY=1\nSTATUS=" + summary());
    reply(outcome);
    // Not from inside the answer of the order before.
    reactor_.after(milliseconds(0), [this] { pump(); });
  });
}

void Supervisor::run(const Request& request, Reply reply) {
  auto gather = std::make_shared<Gather>(std::move(reply));
  for (const std::string& note : request.notes) gather->outcome.messages.push_back(note);
  if (request.command == Command::Refresh) systemd_.reloading();
  auto prepared = prepareOrder(request);
  if (!prepared.ok()) {
    gather->outcome.fail(prepared.error().text);
    gather->outcome.fail("nothing was changed");
    return;
  }
  adopt(std::move(prepared->reading), gather);
  tickets_ = std::move(prepared->tickets);
  if (request.command == Command::Start) startServices(request, prepared->plans, gather);
  if (request.command == Command::Refresh) refreshServices(request, prepared->plans, gather);
  if (request.command == Command::Restart) restartServices(request, prepared->plans, gather);
}

Result<Supervisor::Prepared> Supervisor::prepareOrder(const Request& request) {
  Prepared prepared;
  PH_TRY(prepared.reading, readConfiguration(settings_.file, settings_.descriptors));
  prepared.tickets = tickets_;
  if (request.command != Command::Start) prepared.tickets.rotate(reactor_.now());
  PH_TRY(prepared.plans, makePlans(request, prepared.reading.config, prepared.tickets));
  return prepared;
}

Result<Supervisor::Plans> Supervisor::makePlans(const Request& request,
                                                const std::shared_ptr<const config::Snapshot>& config,
                                                const TicketKeys& tickets) {
  Plans plans;
  std::string errors;
  for (Service* service : chosen(request)) {
    const auto before = service->plan();
    const bool enabled = config->service(service->service()).enable;
    if (request.command == Command::Refresh ? !before : !enabled) continue;
    if (request.command == Command::Start && service->started()) continue;
    auto plan = makePlan(
        service->service(),
        request.command == Command::Refresh ? config::keepRestartRows(*before->config, *config) : config,
        tickets);
    if (plan.ok())
      plans[service->service()] = std::move(*plan);
    else
      errors += (errors.empty() ? "" : "\n") + service->name() + ": " + plan.error().text;
  }
  if (!errors.empty()) return makeError(Errc::Invalid, errors);
  return plans;
}

void Supervisor::adopt(Reading reading, const std::shared_ptr<Gather>& gather) {
  noteInstanceChanges(*reading.config, gather);
  around_.config = std::move(reading.config);
  warnings_ = std::move(reading.warnings);
  const Status reopened =
      settings_.detached ? Daemon::reopenLog(*around_.config, settings_.user) : okStatus();
  for (const Status& status : {reopened, configureLog(*around_.config, settings_.user)})
    if (!status.ok())
      gather->outcome.messages.push_back("master's log stays as it is: " + status.error().text);
}

void Supervisor::noteInstanceChanges(const config::Snapshot& next,
                                     const std::shared_ptr<Gather>& gather) const {
  for (const config::Change& change : config::changes(*around_.config, next))
    if (change.name.starts_with("server."))
      gather->outcome.messages.push_back(change.name +
                                         " takes effect when master is stopped and started again");
}

Service* Supervisor::find(config::Service service) {
  for (const auto& candidate : services_)
    if (candidate->service() == service) return candidate.get();
  return nullptr;
}

std::vector<Service*> Supervisor::chosen(const Request& request) {
  std::vector<Service*> services;
  for (const auto& service : services_) {
    const bool named = std::find(request.services.begin(), request.services.end(), service->service()) !=
                       request.services.end();
    if (named || request.services.empty()) services.push_back(service.get());
  }
  return services;
}

void Supervisor::reap() {
  while (true) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return;
    for (const auto& service : services_)
      if (service->onReaped(pid, status)) break;
  }
}

void Supervisor::terminate() {
  Request stop;
  stop.command = Command::Stop;
  stop.bySignal = true;
  // Twice means now.
  stop.force = std::exchange(terminated_, true);
  carryOut(stop, [](const Outcome&) {});
}

void Supervisor::dump() {
  log::write(messages::kState,
             {{"state", status().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}});
  proc::Message message;
  message.kind = proc::Kind::Dump;
  for (const auto& service : services_) service->tellAll(message);
}

void Supervisor::onCrash(const std::vector<stats::AccountView>& accounts) {
  const auto refused = quarantine_.onCrash(accounts, reactor_.now());
  for (const std::string& account : refused) log::write(messages::kQuarantined, {{"account", account}});
  if (!refused.empty()) publishQuarantine();
}

void Supervisor::publishQuarantine() {
  const auto hashes = quarantine_.hashes();
  // Every board has the same secret, so one list fits all.
  for (const auto& service : services_) service->setQuarantine(hashes);
}

void Supervisor::release(const Request& request, const Reply& reply) {
  Outcome outcome;
  for (const std::string& account : request.accounts) {
    if (quarantine_.release(account) != 0)
      outcome.messages.push_back(account + ": let in again");
    else
      outcome.fail(account + ": is not refused");
  }
  if (request.accounts.empty())
    outcome.messages.push_back(std::to_string(quarantine_.releaseAll()) + " accounts let in again");
  publishQuarantine();
  for (const std::string& text : outcome.messages) log::write(messages::kReleased, {{"text", text}});
  reply(outcome);
}

void Supervisor::tick() {
  const Steady now = reactor_.now();
  const auto took = std::chrono::duration_cast<milliseconds>(now - lastTick_);
  lastTick_ = now;
  if (took > kLate) {
    log::write(messages::kLateTick, {{"ms", std::to_string(took.count())}});
    floor_ = now;
  }
  for (const auto& service : services_) service->watch(floor_);
  systemd_.notify("WATCHDOG=1");
  if (now - lastRotation_ > kTicketLife) rotateTickets();
  reactor_.after(kTick, [this] { tick(); });
}

void Supervisor::rotateTickets() {
  lastRotation_ = reactor_.now();
  tickets_.rotate(lastRotation_);
  for (const auto& service : services_) {
    if (service->busy() || !service->plan()) continue;
    auto plan = makePlan(service->service(), service->plan()->config, tickets_);
    const auto told = [](const Status& status) {
      if (!status.ok()) log::write(messages::kCommandFailed, {{"text", status.error().text}});
    };
    if (plan.ok())
      service->push(*plan, told);
    else
      told(plan.error());
  }
}

}  // namespace posthorn::master
