// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"

namespace posthorn::auth::ldap {

/// Why a server's certificate (DER) was refused, for the log: it has expired, is not valid yet, is for other
/// names, or is signed by nobody in `caFile`; empty when none of these holds. libldap tells these apart only
/// in its debug output. Says nothing about what to accept: that has been decided. Blocks for reading the
/// file.
std::string certificateTrouble(std::string_view der, const std::string& host, const std::string& caFile,
                               Wall now);

}  // namespace posthorn::auth::ldap
