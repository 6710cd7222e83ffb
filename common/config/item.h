// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/config/option.h"

namespace posthorn::config {

/// Whether a text that is not empty has the form of `item`.
bool fits(Item item, std::string_view text);

/// "a host name or address", for messages.
std::string_view describe(Item item);

}  // namespace posthorn::config
