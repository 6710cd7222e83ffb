// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "master/messages.h"
#include "master/supervisor.h"

namespace posthorn::master {
namespace {

/// Lowers a default maxsessions under the limit of open files; an explicit one is left and is an error.
Result<std::shared_ptr<const config::Snapshot>> fit(std::shared_ptr<const config::Snapshot> config,
                                                    config::Service service, const std::string& file,
                                                    std::uint64_t descriptors,
                                                    std::vector<std::string>& warnings) {
  const config::SessionRoom room = config::fitSessions(*config, service, descriptors);
  if (!room.finding) return config;
  if (room.finding->severity == config::Severity::Error)
    return makeError(Errc::Invalid, room.finding->describe(file));
  const std::string name = std::string(config::nameOf(service)) + ".maxsessions";
  log::write(messages::kLowered, {{"option", name},
                                  {"from", std::to_string(config->service(service).maxsessions)},
                                  {"to", std::to_string(room.sessions)},
                                  {"descriptors", std::to_string(descriptors)}});
  warnings.push_back(room.finding->text +
                     (room.finding->hint.empty() ? "" : " (" + room.finding->hint + ")"));
  return config->with(name, std::to_string(room.sessions));
}

/// The rules of ENS_ACCESS in master's environment, where the event service's own option says nothing.
Result<std::shared_ptr<const config::Snapshot>> withEnvironment(
    std::shared_ptr<const config::Snapshot> config) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): master has one thread
  const char* const rules = std::getenv("ENS_ACCESS");
  if (rules == nullptr || *rules == '\0' || !config->get<"ens.enable">()) return config;
  if (config->isSet<"ens.access">()) {
    log::write(messages::kEnvironmentIgnored);
    return config;
  }
  auto changed = config->with("ens.access", rules);
  if (changed.ok()) return changed;
  return makeError(Errc::Invalid, "the environment variable ENS_ACCESS: " + changed.error().text +
                                      " (correct it, or set the option ens.access, which counts instead)");
}

}  // namespace

Result<Reading> readConfiguration(const std::string& file, std::uint64_t descriptors) {
  const config::Loaded loaded = config::load(file);
  if (!loaded.ok()) return makeError(Errc::Invalid, loaded.report());
  Reading reading;
  PH_TRY(reading.config, withEnvironment(loaded.snapshot));
  for (const config::Finding& finding : loaded.findings) {
    if (finding.severity == config::Severity::Note) continue;
    const std::string text = finding.describe(file);
    log::write(messages::kFinding, {{"finding", text}});
    reading.warnings.push_back(text);
  }
  for (std::size_t i = 0; i < config::kServices; ++i) {
    const auto service = static_cast<config::Service>(i);
    if (!config::isBuilt(service) || !reading.config->service(service).enable) continue;
    PH_TRY(reading.config, fit(reading.config, service, file, descriptors, reading.warnings));
  }
  return reading;
}

}  // namespace posthorn::master
