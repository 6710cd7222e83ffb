// SPDX-License-Identifier: Apache-2.0
// The orders of operators: what start, refresh, restart and stop mean for each service.
#include <algorithm>

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
  for (const config::Change& change : config::changes(before, after)) {
    if ((change.to & config::only(service)) == 0 || change.name.starts_with("server.")) continue;
    differences.any = true;
    if (change.apply == config::Apply::Refresh) differences.refresh = true;
    if (change.apply == config::Apply::Restart) differences.restart.push_back(change.name);
  }
  return differences;
}

}  // namespace

void Supervisor::startServices(const Request& request, const std::shared_ptr<Gather>& gather) {
  const bool named = !request.services.empty();
  for (Service* service : chosen(request)) startOne(*service, named, gather);
  if (!named && gather->outcome.messages.empty() && gather.use_count() == 1)
    gather->outcome.fail("no service is enabled: enable one first, for example: msconfig set pop.enable 1");
}

void Supervisor::startOne(Service& service, bool named, const std::shared_ptr<Gather>& gather) {
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
  auto plan = makePlan(service.service(), around_.config, tickets_);
  if (!plan.ok()) {
    gather->outcome.fail(name + ": " + plan.error().text);
    return;
  }
  service.start(*plan, [gather, &service](const Status& status) {
    gather->add(status, service.name() + ": started, " + count(service.workers(), "worker"));
  });
}

void Supervisor::refreshServices(const Request& request, const std::shared_ptr<Gather>& gather) {
  if (const std::size_t released = quarantine_.releaseAll(); released != 0) {
    publishQuarantine();
    gather->outcome.messages.push_back(count(released, "quarantined account") + " let in again");
  }
  tickets_.rotate();
  for (Service* service : chosen(request)) refreshOne(*service, !request.services.empty(), gather);
}

void Supervisor::refreshOne(Service& service, bool named, const std::shared_ptr<Gather>& gather) {
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
  auto plan =
      makePlan(service.service(), config::keepRestartRows(*before->config, *around_.config), tickets_);
  if (!plan.ok()) {
    gather->outcome.fail(name + ": " + plan.error().text + "; the workers go on as they are");
    return;
  }
  const Differences changed = differences(*before->config, *around_.config, service.service());
  for (const std::string& option : changed.restart)
    gather->outcome.messages.push_back(option + " takes effect at restart-msg " + name);
  if (changed.any && !changed.refresh) {
    service.push(*plan, [gather, &service](const Status& status) {
      gather->add(status, service.name() + ": running workers have the new settings");
    });
    return;
  }
  service.refresh(*plan, [gather, &service](const Status& status) {
    gather->add(status, service.name() + ": generation " + std::to_string(service.currentNumber()) +
                            " has taken over, the old one drains");
  });
}

void Supervisor::restartServices(const Request& request, const std::shared_ptr<Gather>& gather) {
  const bool named = !request.services.empty();
  tickets_.rotate();
  for (Service* service : chosen(request)) restartOne(*service, named, gather);
  if (!named && gather->outcome.messages.empty() && gather.use_count() == 1)
    gather->outcome.fail("no service is enabled: enable one first, for example: msconfig set pop.enable 1");
}

void Supervisor::restartOne(Service& service, bool named, const std::shared_ptr<Gather>& gather) {
  const std::string name = service.name();
  const bool enabled = around_.config->service(service.service()).enable;
  if (!service.started()) {
    startOne(service, named, gather);
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
  auto plan = makePlan(service.service(), around_.config, tickets_);
  if (!plan.ok()) {
    gather->outcome.fail(name + ": " + plan.error().text + "; the workers go on as they are");
    return;
  }
  service.restart(*plan, [gather, &service](const Status& status) {
    gather->add(status, service.name() + ": restarted, " + count(service.workers(), "worker"));
  });
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
