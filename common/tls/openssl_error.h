// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace posthorn::tls {

/// Empties this thread's OpenSSL error queue and says what was in it: "no shared cipher; ...". `fallback`
/// when it was empty.
std::string takeErrors(std::string_view fallback);

}  // namespace posthorn::tls
