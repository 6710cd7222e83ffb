// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::deliver::lmtp::messages {

using log::Level;

inline constexpr log::Message kRefused{"recipient-refused", Level::Information, "Protocol",
                                       "A recipient was refused before the message came", ""};
inline constexpr log::Message kClose{"close",   Level::Information,
                                     "Account", "A session ended",
                                     "",        "close [{client}] [{name}] {duration} {in} {out}"};
inline constexpr log::Message kBadCommands{"bad-commands", Level::Information, "Protocol",
                                           "A connection was closed for commands that made no sense", ""};
inline constexpr log::Message kStranger{"client-refused", Level::Notice, "Protocol",
                                        "A host that lmtp.clients does not have was refused",
                                        "Add the mail server's address to lmtp.clients."};
inline constexpr log::Message kDump{"state-dump", Level::Notice, "Stats", "The state of this worker", ""};

}  // namespace posthorn::deliver::lmtp::messages
