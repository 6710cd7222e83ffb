// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::master::messages {

using log::Level;

inline constexpr log::Message kStarted{"master-started", Level::Notice, "General", "master has started", ""};
inline constexpr log::Message kEnded{"master-ended", Level::Notice, "General", "master has ended", ""};
inline constexpr log::Message kSignal{"master-signal", Level::Notice, "General", "master received a signal",
                                      ""};
inline constexpr log::Message kFinding{"config-finding", Level::Warning, "General",
                                       "The configuration has something to be said about", ""};
inline constexpr log::Message kListening{"listening", Level::Information, "Network", "A service listens", ""};
inline constexpr log::Message kNoIpv6{"listen-skipped", Level::Warning, "Network",
                                      "This host cannot listen on an address of the defaults; it is left out",
                                      "Set base.listenaddr to the addresses that are wanted."};
inline constexpr log::Message kSpawned{"worker-started", Level::Notice, "General", "A worker was started",
                                       ""};
inline constexpr log::Message kEndedWorker{"worker-ended", Level::Notice, "General", "A worker has ended",
                                           ""};
inline constexpr log::Message kDied{
    "worker-died", Level::Error, "General",
    "A worker died unasked; its sessions are lost, its siblings go on",
    "When it repeats: look for a core dump or the lines of its pid before this one."};
inline constexpr log::Message kThrottled{
    "crash-loop", Level::Critical, "General", "A worker keeps dying; it is started again after a wait",
    "The lines before say why it dies; the other workers serve meanwhile."};
inline constexpr log::Message kNotReplaced{"worker-not-replaced", Level::Critical, "General",
                                           "A worker died and base.autorestart is off",
                                           "Start it again with restart-msg."};
inline constexpr log::Message kHung{
    "worker-hung", Level::Critical, "General",
    "A worker gave no sign of life for base.watchdog; it is killed and replaced",
    "This is a bug or a machine without memory: report it with the core dump."};
inline constexpr log::Message kLateTick{"master-late", Level::Warning, "General",
                                        "master itself was held up; no worker is judged for this time", ""};
inline constexpr log::Message kNoEventSlot{
    "no-event-slot", Level::Warning, "General",
    "All 64 places for workers that wait for changes are taken; the sessions of this one hear of them late",
    "Start fewer workers (imap.numprocesses), or let old generations end."};
inline constexpr log::Message kStopForced{"worker-stop-forced", Level::Warning, "General",
                                          "A worker did not end in time and is killed",
                                          "Raise base.stoptimeout when this is too short for its work."};
inline constexpr log::Message kForkFailed{"fork-failed", Level::Critical, "General",
                                          "A worker could not be started",
                                          "Look at the limits of processes and memory; it is tried again."};
inline constexpr log::Message kFailed{"worker-failed", Level::Critical, "General",
                                      "A worker says that it cannot start",
                                      "Correct what it names, then restart the service."};
inline constexpr log::Message kQuarantined{
    "account-quarantined", Level::Critical, "Account",
    "Workers crashed three times while they worked on this account; it is refused from now on",
    "Run mboxutil check on it and report the crash; refresh (or msgstat --release) lets it in again."};
inline constexpr log::Message kReleased{"account-released", Level::Notice, "Account",
                                        "Accounts are let in again after a quarantine", ""};
inline constexpr log::Message kGeneration{"generation", Level::Notice, "General",
                                          "A generation of workers changed its state", ""};
inline constexpr log::Message kCommand{"control-command", Level::Notice, "General", "A command was given",
                                       ""};
inline constexpr log::Message kCommandFailed{"control-failed", Level::Error, "General", "A command failed",
                                             ""};
inline constexpr log::Message kDenied{"control-denied", Level::Warning, "General",
                                      "A user who may not command this instance tried to",
                                      "Only root and server.user may."};
inline constexpr log::Message kLink{"worker-link", Level::Warning, "General",
                                    "A worker sent what is no message", ""};
inline constexpr log::Message kEnvironmentIgnored{
    "environment-ignored", Level::Notice, "General",
    "ENS_ACCESS in the environment does not count: the option ens.access is set", ""};
inline constexpr log::Message kLowered{"maxsessions-lowered", Level::Warning, "General",
                                       "The limit of open files does not allow the default of maxsessions",
                                       "Raise LimitNOFILE (or ulimit -Hn) or set maxsessions."};
inline constexpr log::Message kState{"state", Level::Notice, "General", "State on request", ""};

}  // namespace posthorn::master::messages
