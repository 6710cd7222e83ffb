// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/options/service.h"

namespace posthorn::config::options {

inline constexpr auto kLmtpService = serviceRows<"lmtp">(
    {.service = Service::Lmtp,
     .enable = "no",
     .port = "24",
     .sslport = "2424",
     .maxsessions = "600",
     .idletimeout = "5m",
     .leastIdle = kMinute,
     .maxlinelength = "4096",
     .later = "Delivery over LMTP is not built in this release; use the command `deliver`."});

}  // namespace posthorn::config::options
