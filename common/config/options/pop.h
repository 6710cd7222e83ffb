// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/options/service.h"

namespace posthorn::config::options {

inline constexpr auto kPopService = serviceRows<"pop">({.service = Service::Pop,
                                                        .enable = "yes",
                                                        .port = "110",
                                                        .sslport = "995",
                                                        .maxsessions = "600",
                                                        .idletimeout = "10m",
                                                        .leastIdle = 10 * kMinute,
                                                        .maxlinelength = "8192"});

inline constexpr Option kPopOnly[] = {
    {.name = "pop.banner",
     .legacy = "service.pop.banner",
     .fallback = "%h %p service (%P %V)",
     .limits = {0, 400},
     .apply = Apply::Live,
     .to = kPop,
     .help = "The text of the greeting.",
     .more =
         "%h host, %p protocol (POP3), %P product, %V version, %% a percent sign; other letters are those of "
         "strftime(3)."},
    {.name = "pop.popminpoll",
     .legacy = "service.pop.popminpoll",
     .type = Type::Duration,
     .fallback = "0",
     .limits = {0, kDay},
     .unit = Unit::Seconds,
     .apply = Apply::Live,
     .to = kPop,
     .help = "Seconds that must lie between two logins of one user; sooner ones get [LOGIN-DELAY]."},
    {.name = "pop.lockmailbox",
     .legacy = "local.pop.lockmailbox",
     .type = Type::Bool,
     .fallback = "no",
     .apply = Apply::Live,
     .to = kPop,
     .help = "One session a user at a time: a second one is refused with [IN-USE]."},
    {.name = "pop.expire",
     .fallback = "NEVER",
     .item = Item::Expire,
     .apply = Apply::Live,
     .to = kPop,
     .help = "What CAPA says of how long messages are kept: NEVER, or days.",
     .more = "Days may be followed by USER when users differ (RFC 2449). This only tells clients; it deletes "
             "nothing."},
};

}  // namespace posthorn::config::options
