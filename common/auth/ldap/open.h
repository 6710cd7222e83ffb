// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/auth/directory.h"
#include "common/auth/settings.h"
#include "common/base/clock.h"

namespace posthorn::auth {

/// The directory of an LDAP server (facts 4): users are found by a search as base.ugldapbinddn and verified
/// by a bind of their own. Nothing is connected before the first question. Errors of connections are logged
/// when a server goes and when it comes back, not for each question.
std::unique_ptr<Directory> openLdapDirectory(const Settings& settings, const Clock& clock);

}  // namespace posthorn::auth
