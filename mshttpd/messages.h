// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::mshttpd::messages {

using log::Level;

inline constexpr log::Message kRequest{"http-request", Level::Information, "Protocol",
                                       "A request was answered", ""};
inline constexpr log::Message kTlsRejected{"http-tls-rejected", Level::Error, "General",
                                           "New certificates cannot be used; the old ones stay",
                                           "Run msconfig check."};

}  // namespace posthorn::mshttpd::messages
