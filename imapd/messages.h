// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::imapd::messages {

using log::Level;

inline constexpr log::Message kLogin{
    "login", Level::Notice, "Account", "A user logged in", "", "login [{client}] {user} {how}"};
inline constexpr log::Message kClose{"close",   Level::Notice,
                                     "Account", "A session ended",
                                     "",        "close [{client}] [{user}] {duration} {in} {out} 0"};
inline constexpr log::Message kDump{"state-dump", Level::Notice, "Stats", "The state of this worker", ""};

}  // namespace posthorn::imapd::messages
