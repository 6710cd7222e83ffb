// SPDX-License-Identifier: Apache-2.0
// What each service's current workers were given, option by option, for tools that compare it with the file.
#include "common/config/names.h"
#include "common/config/value.h"
#include "master/supervisor.h"

namespace posthorn::master {
namespace {

using config::kOptions;
using nlohmann::json;

/// Name to spelling; passwords are left out.
json spelled(const config::Snapshot& snapshot) {
  json object = json::object();
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    const config::Snapshot::Cell* cell = snapshot.cell(row);
    if (cell != nullptr && !kOptions[row].secret())
      object[std::string(kOptions[row].name)] = config::spell(kOptions[row], cell->value);
  }
  for (const auto& [kind, members] : snapshot.allGroups()) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells) {
        if (!kOptions[row].secret())
          object[config::Named{row, name, false}.canonical()] = config::spell(kOptions[row], cell.value);
      }
    }
  }
  return object;
}

}  // namespace

nlohmann::json Supervisor::settings() const {
  json services = json::object();
  for (const auto& service : services_) {
    if (const auto plan = service->plan()) services[service->name()] = spelled(*plan->config);
  }
  return {
      {"config", settings_.file}, {"master", spelled(*around_.config)}, {"services", std::move(services)}};
}

}  // namespace posthorn::master
