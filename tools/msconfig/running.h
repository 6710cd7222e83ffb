// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "common/base/result.h"
#include "common/config/snapshot.h"

namespace posthorn::msconfig {

/// What runs, by the word of master: for each started service, and for "master" itself, the spelling of every
/// option but passwords.
using Running = std::map<std::string, std::map<std::string, std::string>>;

/// Whether `service` (or "master", for what nobody else has) is handed an option.
bool receives(const std::string& service, const config::Option& row);

/// Asks the master of `config`. NotFound when none runs, Denied when this user may not ask. Blocks for some
/// seconds at most.
Result<Running> askRunning(const config::Snapshot& config);

}  // namespace posthorn::msconfig
