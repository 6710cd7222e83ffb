// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/running.h"

#include <chrono>

#include <nlohmann/json.hpp>

#include "common/proc/control.h"

namespace posthorn::msconfig {

namespace {

constexpr std::chrono::seconds kPatience{5};

void take(const nlohmann::json& options, std::map<std::string, std::string>& into) {
  for (const auto& [name, value] : options.items()) {
    if (value.is_string()) into[name] = value.get<std::string>();
  }
}

}  // namespace

bool receives(const std::string& service, const config::Option& row) {
  if (service == "master") return row.to == config::kMasterOnly;
  for (std::size_t i = 0; i < config::kServices; ++i) {
    const auto one = static_cast<config::Service>(i);
    if (service == config::nameOf(one)) return (row.to & config::only(one)) != 0;
  }
  return false;
}

Result<Running> askRunning(const config::Snapshot& config) {
  PH_TRY(const std::string line,
         proc::askMaster(proc::controlSocketPath(config), R"({"command":"settings"})", kPatience));
  const auto answer = nlohmann::json::parse(line, nullptr, false);
  if (!answer.is_object() || !answer.contains("status") || !answer["status"].is_object())
    return makeError(Errc::Unsupported, "master does not tell what it runs with");
  const auto& told = answer["status"];
  Running running;
  if (const auto master = told.find("master"); master != told.end()) take(*master, running["master"]);
  if (const auto services = told.find("services"); services != told.end() && services->is_object()) {
    for (const auto& [name, options] : services->items()) take(options, running[name]);
  }
  return running;
}

}  // namespace posthorn::msconfig
