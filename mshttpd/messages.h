// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::mshttpd::messages {

using log::Level;

inline constexpr log::Message kRequest{"http-request", Level::Information, "Protocol",
                                       "A request was answered", ""};

}  // namespace posthorn::mshttpd::messages
