// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/ascii.h"
#include "common/config/snapshot.h"

namespace posthorn::msconfig {

/// Says that there is no such option, with the nearest name, and returns kUsage.
int unknownName(const std::string& name);

/// The spelling of a value, passwords masked unless asked for.
std::string shownValue(const config::Option& row, const config::Value& value, bool passwords);

}  // namespace posthorn::msconfig
