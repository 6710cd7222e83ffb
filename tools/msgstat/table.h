// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace posthorn::msgstat {

/// Master's status (the "status" member of its answer) as text for an operator: services, their workers,
/// refused accounts, warnings. Pure; members that are missing show as empty.
std::string table(const nlohmann::json& status);

}  // namespace posthorn::msgstat
