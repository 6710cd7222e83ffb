// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::proc::messages {

using log::Level;

inline constexpr log::Message kReady{"worker-ready", Level::Information, "General", "A worker serves", ""};
inline constexpr log::Message kCannotStart{
    "worker-cannot-start", Level::Critical, "General", "A worker could not start",
    "The reason is in the line; master tries again, more and more seldom."};
inline constexpr log::Message kDrains{"worker-drains", Level::Information, "General",
                                      "A worker takes no more connections and ends with its last session",
                                      ""};
inline constexpr log::Message kStops{"worker-stops", Level::Information, "General",
                                     "A worker ends its sessions", ""};
inline constexpr log::Message kCut{"worker-cut", Level::Warning, "General",
                                   "A worker ended although sessions were left, its time to stop being over",
                                   "Raise base.stoptimeout when this is too short for the store to finish."};
inline constexpr log::Message kOrphaned{"master-died", Level::Critical, "General",
                                        "master is gone: listeners are closed, sessions go on until they end",
                                        "Start master again: it can bind at once."};
inline constexpr log::Message kSnapshotRefused{"snapshot-refused", Level::Error, "General",
                                               "New settings could not be used; the old ones stay", ""};
inline constexpr log::Message kNoEvents{
    "no-event-area", Level::Warning, "General",
    "The event area cannot be used; sessions hear of changes by others late",
    "Restart master after an upgrade."};
inline constexpr log::Message kNoFailures{
    "no-failure-table", Level::Warning, "General",
    "The table of failed logins cannot be used; guessers are slowed down by what this worker sees alone",
    "Restart master after an upgrade."};
inline constexpr log::Message kBadPacket{"link-packet", Level::Warning, "General",
                                         "master sent something that this release does not understand",
                                         "Restart the services after an upgrade of master."};

}  // namespace posthorn::proc::messages
