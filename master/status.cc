// SPDX-License-Identifier: Apache-2.0
// What msgstat shows: the state of everything as one JSON object.
#include <unistd.h>

#include "common/config/idle.h"
#include "master/supervisor.h"

namespace posthorn::master {
namespace {

using nlohmann::json;

std::string_view phaseName(const Generation& generation, std::uint64_t current) {
  switch (generation.phase) {
    case Generation::Phase::Serving:
      return generation.number == current ? "current" : "starting";
    case Generation::Phase::Draining:
      return "draining";
    case Generation::Phase::Stopping:
      return "stopping";
  }
  return "unknown";
}

double secondsSince(Steady then, Steady now) {
  return std::chrono::duration<double>(now - then).count();
}

json countersOf(const std::array<std::uint64_t, stats::kCounters>& counters) {
  json object = json::object();
  for (std::size_t i = 0; i < stats::kCounters; ++i)
    object[std::string(stats::toString(static_cast<stats::Counter>(i)))] = counters[i];
  return object;
}

json workerOf(const stats::Board& board, const Generation& generation, const Place& place, Steady now) {
  json object = {{"worker", place.index},
                 {"generation", generation.number},
                 {"restarts", place.restarts},
                 {"throttled", place.throttle.looping() > 0}};
  if (!place.worker) {
    object["state"] = place.restartTimer != 0 ? "waiting" : "dead";
    return object;
  }
  const stats::SlotView view = stats::readSlot(board, place.worker->slot);
  object["pid"] = place.worker->pid;
  object["slot"] = place.worker->slot;
  object["state"] = place.worker->hung ? "hung" : stats::toString(view.state);
  object["uptime"] = secondsSince(place.worker->started, now);
  for (std::size_t i = 0; i < stats::kGauges; ++i)
    object[std::string(stats::toString(static_cast<stats::Gauge>(i)))] = view.gauges[i];
  object["counters"] = countersOf(view.counters);
  object["uncounted"] = view.tallyFull;
  return object;
}

void addCounters(std::array<std::uint64_t, stats::kCounters>& sum, const stats::SlotView& view) {
  for (std::size_t i = 0; i < stats::kCounters; ++i) sum[i] += view.counters[i];
}

void addCommands(std::map<std::string, stats::CommandView>& sum, const stats::Board& board,
                 std::size_t slot) {
  for (const stats::CommandView& view : stats::readCommands(board, slot)) {
    if (view.calls == 0) continue;
    stats::CommandView& total = sum[view.name];
    total.calls += view.calls;
    total.failures += view.failures;
    total.totalMicros += view.totalMicros;
    for (std::size_t i = 0; i < stats::kLatencyBuckets; ++i) total.latency[i] += view.latency[i];
  }
}

json commandsOf(const std::map<std::string, stats::CommandView>& commands) {
  json list = json::array();
  for (const auto& [name, view] : commands)
    list.push_back({{"name", name},
                    {"calls", view.calls},
                    {"failures", view.failures},
                    {"total_us", view.totalMicros},
                    {"latency_log2_us", view.latency}});
  return list;
}

json listenersOf(const Service& service) {
  json list = json::array();
  for (const Generation& generation : service.generations()) {
    if (generation.number != service.currentNumber()) continue;
    for (const auto& socket : generation.listeners)
      list.push_back({{"address", socket->endpoint().address},
                      {"port", socket->endpoint().port},
                      {"tls", socket->endpoint().tls}});
  }
  return list;
}

/// Why IMAP clients are not offered IDLE, by some workers at least; empty: they are.
std::string whyNoIdle(const Service& service, const config::Snapshot& config) {
  if (service.service() != config::Service::Imap) return {};
  if (const std::string why = config::whyNoIdle(config); !why.empty()) return why;
  std::size_t deaf = 0;
  for (const Generation& generation : service.generations())
    for (const Place& place : generation.places)
      if (place.worker && !place.worker->eventSlot) ++deaf;
  if (deaf == 0) return {};
  return std::to_string(deaf) + " workers have no place in the event area, as too many are draining";
}

json serviceOf(const Service& service, const config::Snapshot& config, Steady now) {
  const config::ServiceConfig options = config.service(service.service());
  json workers = json::array();
  json generations = json::array();
  auto counters = service.retired();
  std::map<std::string, stats::CommandView> commands;
  for (const Generation& generation : service.generations()) {
    generations.push_back({{"number", generation.number},
                           {"phase", phaseName(generation, service.currentNumber())},
                           {"workers", generation.alive()}});
    for (const Place& place : generation.places) {
      if (!place.worker && generation.phase != Generation::Phase::Serving) continue;
      workers.push_back(workerOf(service.board(), generation, place, now));
      if (!place.worker) continue;
      addCounters(counters, stats::readSlot(service.board(), place.worker->slot));
      addCommands(commands, service.board(), place.worker->slot);
    }
  }
  json object = {{"name", service.name()},
                 {"enabled", options.enable},
                 {"started", service.started()},
                 {"generation", service.currentNumber()},
                 {"generations", std::move(generations)},
                 {"listeners", listenersOf(service)},
                 {"workers", std::move(workers)},
                 {"deaths", service.deaths()},
                 {"counters", countersOf(counters)},
                 {"commands", commandsOf(commands)}};
  if (!service.lastFailure().empty()) object["failure"] = service.lastFailure();
  if (const std::string why = whyNoIdle(service, config); !why.empty()) object["no_idle"] = why;
  return object;
}

}  // namespace

nlohmann::json Supervisor::status() const {
  const Steady now = reactor_.now();
  json services = json::array();
  for (const auto& service : services_) services.push_back(serviceOf(*service, *around_.config, now));
  json quarantine = json::array();
  for (const Quarantine::Entry& entry : quarantine_.refused())
    quarantine.push_back(
        {{"account", entry.name}, {"crashes", entry.crashes}, {"age", secondsSince(entry.last, now)}});
  return {{"pid", ::getpid()},
          {"version", POSTHORN_VERSION},
          {"uptime", secondsSince(started_, now)},
          {"config", settings_.file},
          {"user", settings_.user.name},
          {"descriptors", settings_.descriptors},
          {"systemd", systemd_.present()},
          {"stopping", ending_},
          {"services", std::move(services)},
          {"quarantine", std::move(quarantine)},
          {"warnings", warnings_}};
}

std::string Supervisor::summary() const {
  std::string text;
  for (const auto& service : services_) {
    if (!service->started()) continue;
    text += (text.empty() ? "" : ", ") + service->name() + " " + std::to_string(service->workers()) +
            (service->lastFailure().empty() ? "" : " (failing)");
  }
  return text.empty() ? "no service is started" : text;
}

}  // namespace posthorn::master
