// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::enpd::messages {

using log::Level;

inline constexpr log::Message kDenied{"ens-denied", Level::Notice, "Network",
                                      "A client may not connect to the event service",
                                      "Add its address to ens.access if it may."};
inline constexpr log::Message kSubscribed{"ens-subscribed", Level::Information, "Protocol",
                                          "A client subscribed to events", ""};
inline constexpr log::Message kClose{"ens-close", Level::Information, "Protocol",
                                     "A client of the event service is gone", ""};
inline constexpr log::Message kBadCommands{"ens-bad-commands", Level::Information, "Protocol",
                                           "A connection was closed for commands that made no sense", ""};
inline constexpr log::Message kStranger{"ens-stranger", Level::Warning, "Network",
                                        "A process of another user tried to publish events",
                                        "Only root and server.user may; see which program it is."};
inline constexpr log::Message kBadPacket{"ens-bad-packet", Level::Warning, "Protocol",
                                         "A publisher sent what is no event and was disconnected",
                                         "Refresh all services, so that all are of one release."};
inline constexpr log::Message kPublisherLost{"ens-publisher-lost", Level::Warning, "Stats",
                                             "Publishers could not bring all their events", ""};
inline constexpr log::Message kRelayUp{"ens-relay-up", Level::Notice, "Network",
                                       "Events are passed on to another event service", ""};
inline constexpr log::Message kRelayDown{
    "ens-relay-down", Level::Warning, "Network", "Events cannot be passed on to another event service",
    "See that it runs and that its ens.access and ens.publish hold this host."};
inline constexpr log::Message kDump{"state-dump", Level::Notice, "Stats", "The state of this worker", ""};

}  // namespace posthorn::enpd::messages
