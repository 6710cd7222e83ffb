// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace posthorn::auth {

/// Whoever logs in without being anybody (http.allowanonymouslogin), at mshttpd and, where mshttpd asks for
/// his mail, at imapd. No directory can have him, for there is no such domain (RFC 2606 2); of what is shared
/// he is given what `anyone` is given, and nothing that is for a domain.
inline constexpr std::string_view kNobody = "anonymous@anonymous.invalid";

}  // namespace posthorn::auth
