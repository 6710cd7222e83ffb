// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::auth {

// The log lines of this room. login-failed and its fields addr, user, reason are what
// etc/fail2ban/filter.d/posthorn.conf looks for: they do not change.

inline constexpr log::Message kLoginFailed{
    "login-failed", log::Level::Notice, "Account", "A login was refused.",
    "reason= says why: bad-password, no-such-user and empty-password are the client's; temporary, "
    "damaged-entry, ambiguous and bad-service-filter are for the operator to mend."};

inline constexpr log::Message kProxyLogin{"proxy-login", log::Level::Notice, "Account",
                                          "An administrator logged in on behalf of a user.", ""};

inline constexpr log::Message kUserFileUnreadable{
    "user-file-unreadable", log::Level::Error, "Account",
    "The user file cannot be read; the users as last read stay in force, without any logins are refused.",
    "Mend what detail= says. The file belongs to server.user with mode 0600 or 0640."};

inline constexpr log::Message kUserFileDamaged{
    "user-file-damaged", log::Level::Error, "Account", "A line of the user file cannot be used.",
    "Mend the line that line= names; `msuser show` says what is wrong with a user."};

inline constexpr log::Message kUserFileRead{"user-file-read", log::Level::Information, "Account",
                                            "The user file was read.", ""};

}  // namespace posthorn::auth
