// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/auth/file/user_file_edit.h"
#include "common/auth/settings.h"
#include "common/base/result.h"

namespace posthorn::msuser {

/// What every command works on.
struct Context {
  auth::Settings settings;
  std::string serverUser;                             ///< server.user
  std::optional<auth::UserFileEdit::Owner> newOwner;  ///< of a user file that is made anew by root
};

/// Reads the configuration (`config`: its file, empty for the usual one) and takes `userFile` over
/// auth.userfile when it is not empty. With a user file named and no configuration file there, the defaults
/// stand in.
Result<Context> makeContext(const std::string& config, const std::string& userFile);

/// Root becomes the owner of the folder that holds the user file, so that it never follows what another user
/// has planted there; in a folder of its own it stays root. Others stay who they are.
Status dropPrivileges(Context& context);

/// The exit status for an error, of sysexits.h.
int exitStatus(Errc code);

/// The canonical id that a name on the command line means, checked by the rules for names: lower case,
/// without the default domain. `@domain` stays a domain.
Result<std::string> idOf(const Context& context, const std::string& typed);

}  // namespace posthorn::msuser
