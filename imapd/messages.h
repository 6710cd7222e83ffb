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
inline constexpr log::Message kLogout{"logout",  Level::Notice,
                                      "Account", "A proxy user is done with a user; the connection goes on",
                                      "",        "logout [{client}] {user} {reason}"};
inline constexpr log::Message kProxyDenied{"proxyauth-denied", Level::Notice, "Account",
                                           "A user who may not act for others asked for PROXYAUTH", ""};
inline constexpr log::Message kNotOpened{"mailbox-not-opened", Level::Error, "Store",
                                         "A user's account could not be opened",
                                         "Run mboxutil check on the account."};
inline constexpr log::Message kCommandFailed{"command-failed", Level::Warning, "Store",
                                             "A command failed for a reason that is not the client's", ""};
inline constexpr log::Message kDamaged{"message-damaged", Level::Error, "Store",
                                       "The text of a message cannot be read",
                                       "Run mboxutil check on the account."};
inline constexpr log::Message kBadCommands{"bad-commands", Level::Information, "Protocol",
                                           "A connection was closed for commands that made no sense", ""};
inline constexpr log::Message kClientId{"client-id", Level::Information, "Protocol",
                                        "What a client says of itself (ID)", ""};
inline constexpr log::Message kQuotaAlert{"quota-alert", Level::Notice, "Store",
                                          "A user was told in a session that the mailbox is nearly full", ""};
inline constexpr log::Message kDump{"state-dump", Level::Notice, "Stats", "The state of this worker", ""};

}  // namespace posthorn::imapd::messages
