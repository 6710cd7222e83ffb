// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace posthorn::msgstat {

/// Master's status (the "status" member of its answer) as text for an operator: services, their workers,
/// refused accounts, warnings. Pure; members that are missing show as empty.
std::string table(const nlohmann::json& status);

/// What the event service has done until `after`, and in the second since `before`. Pure.
std::string eventTable(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace posthorn::msgstat
