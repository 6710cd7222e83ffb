// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "common/auth/directory.h"
#include "common/auth/ldap/session.h"
#include "common/base/result.h"

namespace posthorn::auth::ldap {

/// The value of a password policy response control (draft-behera-ldap-password-policy-10, 6.2):
///   SEQUENCE { warning [0] CHOICE { timeBeforeExpiration [0] INTEGER, graceAuthNsRemaining [1] INTEGER }
///   OPTIONAL, error [1] ENUMERATED OPTIONAL }
/// Invalid when it is not that. Pure.
Result<PolicyAnswer> parsePolicy(std::string_view control);

/// What a bind's answer says of the password. Unavailable for answers that another server, or this one later,
/// may give otherwise; Corrupt and Unsupported for those that an operator has to mend. Pure.
Result<PasswordCheck> judgeBind(const BindAnswer& answer);

}  // namespace posthorn::auth::ldap
