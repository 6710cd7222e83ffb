// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::mshttpd::messages {

using log::Level;

inline constexpr log::Message kRequest{"http-request", Level::Information, "Protocol",
                                       "A request was answered", ""};
inline constexpr log::Message kLogin{
    "login", Level::Notice, "Account", "A user logged in", "", "login [{client}] {user} {how}"};
inline constexpr log::Message kLogout{"web-logout", Level::Notice, "Account", "A user logged out", ""};
inline constexpr log::Message kBadRequest{"http-bad-request", Level::Information, "Protocol",
                                          "A request made no sense, or did not come to its end in time", ""};
inline constexpr log::Message kBadRequests{"bad-requests", Level::Information, "Protocol",
                                           "A connection was closed for requests that made no sense", ""};
inline constexpr log::Message kJobFailed{"http-failed", Level::Error, "General",
                                         "A request failed for a reason that is not the client's", ""};
inline constexpr log::Message kSessionsAnew{
    "web-sessions-anew", Level::Warning, "Store",
    "The file of web sessions could not be read and is made anew: everybody logs in again", ""};
inline constexpr log::Message kSessionsFailed{
    "web-sessions-failed", Level::Error, "Store", "The file of web sessions cannot be used",
    "See that server.directory belongs to server.user and has room."};
inline constexpr log::Message kSpoolFailed{"spool-failed", Level::Error, "Store",
                                           "An upload could not be written to http.spooldir",
                                           "See that http.spooldir belongs to server.user and has room."};
inline constexpr log::Message kNoBrowserClient{
    "no-browser-client", Level::Notice, "General",
    "There is no browser client in http.webdir; the plain pages are shown instead", ""};
inline constexpr log::Message kNoBackEnd{
    "no-back-end", Level::Error, "Account", "A user's mail server cannot be reached, so he cannot log in",
    "Set the options that are named; `msconfig check` knows what is missing."};
inline constexpr log::Message kDump{"state-dump", Level::Notice, "Stats", "The state of this worker", ""};

}  // namespace posthorn::mshttpd::messages
