// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::popd::messages {

using log::Level;

inline constexpr log::Message kLogin{
    "login", Level::Notice, "Account", "A user logged in", "", "login [{client}] {user} {how}"};
inline constexpr log::Message kClose{"close",   Level::Notice,
                                     "Account", "A session ended",
                                     "",        "close [{client}] [{user}] {began} {duration} {in} {out} 1"};
inline constexpr log::Message kTooSoon{"login-delay", Level::Information, "Account",
                                       "A user came again before pop.popminpoll had passed", ""};
inline constexpr log::Message kNotOpened{"maildrop-not-opened", Level::Error, "Store",
                                         "A user's maildrop could not be opened",
                                         "Run mboxutil check on the account."};
inline constexpr log::Message kCommandFailed{"command-failed", Level::Warning, "Store",
                                             "A command failed for a reason that is not the client's", ""};
inline constexpr log::Message kBadCommands{"bad-commands", Level::Information, "Protocol",
                                           "A connection was closed for commands that made no sense", ""};
inline constexpr log::Message kState{"session-state", Level::Debug, "Protocol", "A session changed its state",
                                     ""};
inline constexpr log::Message kNoPollTimes{
    "no-poll-times", Level::Warning, "General",
    "The table of login times could not be opened; each process counts pop.popminpoll by itself",
    "See that server.directory belongs to server.user."};
inline constexpr log::Message kDump{"state-dump", Level::Notice, "Stats", "The state of this worker", ""};

}  // namespace posthorn::popd::messages
