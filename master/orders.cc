// SPDX-License-Identifier: Apache-2.0
// The orders of operators: what start, refresh, restart and stop mean for each service.
#include <algorithm>
#include <map>
#include <set>

#include "master/gather.h"
#include "master/messages.h"
#include "master/supervisor.h"

namespace posthorn::master {
namespace {

std::string count(std::size_t number, const char* one) {
  return std::to_string(number) + " " + one + (number == 1 ? "" : "s");
}

/// The changes that concern workers of `service`, by how they can be brought to them.
struct Differences {
  bool any = false;
  bool refresh = false;
  std::vector<std::string> restart;
};

Differences differences(const config::Snapshot& before, const config::Snapshot& after,
                        config::Service service) {
  Differences differences;
  // Orders look at the switch themselves.
  const std::string enable = std::string(config::nameOf(service)) + ".enable";
  for (const config::Change& change : config::changes(before, after)) {
    if ((change.to & config::only(service)) == 0 || change.name.starts_with("server.")) continue;
    if (change.name == enable) continue;
    differences.any = true;
    if (change.apply == config::Apply::Refresh) differences.refresh = true;
    if (change.apply == config::Apply::Restart) differences.restart.push_back(change.name);
  }
  return differences;
}

bool overlapsOneOf(const Endpoint& endpoint, const std::vector<Endpoint>& others) {
  return std::any_of(others.begin(), others.end(),
                     [&endpoint](const Endpoint& other) { return overlap(endpoint, other); });
}

/// Whether `wanted` has something that `giver` has now and will not have (`kept`).
bool takesFrom(const std::vector<Endpoint>& wanted, const Service& giver, const std::vector<Endpoint>& kept) {
  for (const Endpoint& endpoint : wanted) {
    if (overlapsOneOf(endpoint, kept)) continue;
    for (const auto& socket : giver.listeners())
      if (overlap(endpoint, socket->endpoint())) return true;
  }
  return false;
}

/// The services among `services` that get a port which another of them has and gives up, and those others.
std::set<const Service*> portMoves(const std::vector<Service*>& services,
                                   const std::map<config::Service, std::shared_ptr<const Plan>>& plans) {
  std::map<const Service*, std::vector<Endpoint>> wanted;
  for (const Service* service : services) {
    wanted[service];
    if (const auto plan = plans.find(service->service()); plan != plans.end())
      wanted[service] = endpointsOf(plan->second->options);
  }
  std::set<const Service*> moves;
  for (const auto& [taker, endpoints] : wanted) {
    for (const Service* giver : services) {
      if (giver == taker || !takesFrom(endpoints, *giver, wanted[giver])) continue;
      moves.insert(taker);
      moves.insert(giver);
    }
  }
  return moves;
}

}  // namespace

void Supervisor::startServices(const Request& request, const Plans& plans,
                               const std::shared_ptr<Gather>& gather) {
  const bool named = !request.services.empty();
  for (Service* service : chosen(request)) startOne(*service, named, plans, gather);
  if (!named && gather->outcome.messages.empty() && gather.use_count() == 1)
    gather->outcome.fail("no service is enabled: enable one first, for example: msconfig set pop.enable 1");
}

void Supervisor::startOne(Service& service, bool named, const Plans& plans,
                          const std::shared_ptr<Gather>& gather) {
  const std::string name = service.name();
  if (!around_.config->service(service.service()).enable) {
    if (named)
      gather->outcome.fail(name + ": is disabled; enable it first: msconfig set " + name + ".enable 1");
    return;
  }
  if (service.started()) {
    gather->outcome.messages.push_back(name + ": has been started already, " +
                                       count(service.workers(), "worker"));
    return;
  }
  service.start(plans.at(service.service()), [gather, &service](const Status& status) {
    gather->add(status, service.name() + ": started, " + count(service.workers(), "worker"));
  });
}

void Supervisor::refreshServices(const Request& request, const Plans& plans,
                                 const std::shared_ptr<Gather>& gather) {
  if (const std::size_t released = quarantine_.releaseAll(); released != 0) {
    publishQuarantine();
    gather->outcome.messages.push_back(count(released, "quarantined account") + " let in again");
  }
  for (Service* service : chosen(request)) refreshOne(*service, !request.services.empty(), plans, gather);
}

void Supervisor::refreshOne(Service& service, bool named, const Plans& plans,
                            const std::shared_ptr<Gather>& gather) {
  const std::string name = service.name();
  const bool enabled = around_.config->service(service.service()).enable;
  const auto before = service.plan();
  if (!before) {
    if (named) gather->outcome.messages.push_back(name + ": is not started; nothing to refresh");
    if (!named && enabled)
      gather->outcome.messages.push_back(name + ": is enabled but not started: start-msg " + name);
    return;
  }
  if (!enabled) gather->outcome.messages.push_back(name + ": is disabled now but runs on: stop-msg " + name);
  const auto plan = plans.at(service.service());
  const Differences changed = differences(*before->config, *around_.config, service.service());
  for (const std::string& option : changed.restart) {
    std::string text = option;
    text.append(" takes effect at restart-msg ").append(name);
    gather->outcome.messages.push_back(std::move(text));
  }
  if (changed.any && !changed.refresh) {
    service.push(plan, [gather, &service](const Status& status) {
      gather->add(status, service.name() + ": running workers have the new settings");
    });
    return;
  }
  service.refresh(plan, [gather, &service](const Status& status) {
    gather->add(status, service.name() + ": generation " + std::to_string(service.currentNumber()) +
                            " has taken over, the old one drains");
  });
}

void Supervisor::restartServices(const Request& request, const Plans& plans,
                                 const std::shared_ptr<Gather>& gather) {
  const bool named = !request.services.empty();
  const auto services = chosen(request);
  const auto moves = portMoves(services, plans);
  ListenSockets held;
  for (const Service* service : moves)
    for (auto& socket : service->listeners()) held.push_back(std::move(socket));
  for (Service* service : services)
    restartOne(*service, named, plans, moves.count(service) != 0 ? &held : nullptr, gather);
  if (!named && gather->outcome.messages.empty() && gather.use_count() == 1)
    gather->outcome.fail("no service is enabled: enable one first, for example: msconfig set pop.enable 1");
}

void Supervisor::restartOne(Service& service, bool named, const Plans& plans, const ListenSockets* others,
                            const std::shared_ptr<Gather>& gather) {
  const std::string name = service.name();
  const bool enabled = around_.config->service(service.service()).enable;
  if (!service.started() && (others == nullptr || !enabled)) {
    startOne(service, named, plans, gather);
    return;
  }
  if (!enabled && named) {
    gather->outcome.fail(name + ": is disabled; enable it first: msconfig set " + name + ".enable 1");
    return;
  }
  if (!enabled) {
    service.stop(
        false, [gather, name](const Status& status) { gather->add(status, name + ": stopped (disabled)"); });
    return;
  }
  const auto done = [gather, &service, was = service.started()](const Status& status) {
    gather->add(status, service.name() + (was ? ": restarted, " : ": started, ") +
                            count(service.workers(), "worker"));
  };
  if (others != nullptr)
    service.replace(plans.at(service.service()), *others, done);
  else
    service.restart(plans.at(service.service()), done);
}

void Supervisor::stopServices(const Request& request, Reply reply) {
  const bool whole = request.services.empty();
  if (whole && systemd_.present() && !request.bySignal) {
    Outcome refused;
    refused.fail("this instance runs under systemd: use `systemctl stop posthorn`, or name services");
    reply(refused);
    return;
  }
  if (whole && !ending_) {
    ending_ = true;
    systemd_.notify("STOPPING=1");
    // What systemd keeps for the next master must outlive our own closing of it.
    systemd_.keepStore();
    for (Queued& queued : std::exchange(queue_, {})) {
      Outcome refused;
      refused.fail("master is stopping");
      queued.reply(refused);
    }
  }
  auto gather = std::make_shared<Gather>([this, whole, reply = std::move(reply)](Outcome outcome) {
    for (const std::string& text : outcome.messages) log::write(messages::kCommand, {{"text", text}});
    outcome.ending = whole;
    reply(outcome);
    // One more turn for the answer to leave.
    if (whole) reactor_.after(std::chrono::milliseconds(0), [this] { reactor_.quit(); });
  });
  for (const std::string& note : request.notes) gather->outcome.messages.push_back(note);
  for (Service* service : chosen(request)) stopOne(*service, request, gather);
}

void Supervisor::stopOne(Service& service, const Request& request, const std::shared_ptr<Gather>& gather) {
  const std::string name = service.name();
  if (!service.started() && service.workers() == 0) {
    if (!request.services.empty()) gather->outcome.messages.push_back(name + ": is not started");
    return;
  }
  const auto done = [gather, name](const Status& status) { gather->add(status, name + ": stopped"); };
  if (request.drain && !request.force)
    service.drain(done);
  else
    service.stop(request.force, done);
}

}  // namespace posthorn::master
