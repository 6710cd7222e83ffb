// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/document.h"

namespace posthorn::msconfig {

/// What a text sets, by canonical name; what is wrong in it is left out.
using Settings = std::map<std::string, config::Setting>;
Settings settingsOf(std::string_view text);

/// The names of the options that are set in one and not in the other, or to another value.
std::vector<std::string> differing(const Settings& a, const Settings& b);

}  // namespace posthorn::msconfig
