// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::auth {

/// etc/fail2ban/filter.d/posthorn.conf reads this line: its id and the order addr, user, reason do not
/// change.
inline constexpr log::Message kLoginFailed{
    .id = "login-failed",
    .level = log::Level::Notice,
    .category = "Account",
    .text = "A login was refused.",
    .action =
        "reason= says why: bad-password, no-such-user, empty-password are the client's; temporary, "
        "damaged-entry, ambiguous and bad-service-filter are for the operator to mend.",
    .classic = "badlogin: [{addr}] {reason} {service} {mech} {user} {detail}",
};

inline constexpr log::Message kProxyLogin{
    .id = "proxy-login",
    .level = log::Level::Notice,
    .category = "Account",
    .text = "An administrator logged in on behalf of a user.",
    .action = "",
};

inline constexpr log::Message kUserFileUnreadable{
    .id = "user-file-unreadable",
    .level = log::Level::Error,
    .category = "Account",
    .text =
        "The user file cannot be read: the users as last read stay in force, without any all are refused.",
    .action = "Mend what detail= says. The file belongs to server.user or root and has mode 0600 or 0640.",
};

inline constexpr log::Message kUserFileDamaged{
    .id = "user-file-damaged",
    .level = log::Level::Error,
    .category = "Account",
    .text = "A line of the user file cannot be used.",
    .action = "Mend the line that line= names; `msuser show` says what is wrong with a user.",
};

inline constexpr log::Message kUserFileRead{
    .id = "user-file-read",
    .level = log::Level::Information,
    .category = "Account",
    .text = "The user file was read.",
    .action = "",
};

inline constexpr log::Message kLdapServerGone{
    .id = "ldap-server-gone",
    .level = log::Level::Error,
    .category = "LDAP",
    .text = "An LDAP server does not answer as it should; the next one of base.ugldaphost is asked.",
    .action =
        "Mend what detail= says. It is tried again by itself, and ldap-server-back tells when it is well.",
};

inline constexpr log::Message kLdapServerBack{
    .id = "ldap-server-back",
    .level = log::Level::Notice,
    .category = "LDAP",
    .text = "An LDAP server answers again.",
    .action = "",
};

inline constexpr log::Message kLdapGraceLogin{
    .id = "ldap-grace-login",
    .level = log::Level::Notice,
    .category = "LDAP",
    .text = "A user logged in with a password that has expired; left= further logins are granted.",
    .action = "The user has to choose a new password.",
};

}  // namespace posthorn::auth
