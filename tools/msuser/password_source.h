// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/auth/secret.h"
#include "common/base/result.h"

namespace posthorn::msuser {

/// Where a new password comes from. Never from the command line, which other users of the host can read.
enum class PasswordFrom { Terminal, Stdin, Random };

/// Terminal: asked for twice without echo. Stdin: the first line. Random: made up and printed on stdout.
/// The password is prepared (RFC 4013) as one to be stored.
Result<auth::Secret> readPassword(PasswordFrom from);

/// SASLprep of a password to be stored; Invalid with a clear text when it cannot be one.
Result<auth::Secret> preparePassword(std::string_view raw);

}  // namespace posthorn::msuser
