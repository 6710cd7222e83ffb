// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"

namespace posthorn::migrate {

/// Lines that begin a message are no longer than this.
inline constexpr std::size_t kLongestFrom = 1024;

/// The date of a line that begins a message in an mbox, "From sender Sat Jan  3 01:05:34 1998", with or
/// without seconds and a zone before or behind the year; seconds since 1970. Without a numeric zone it is
/// this host's time, as Dovecot reads it. Nothing for lines that only look like one.
std::optional<std::int64_t> parseFromLine(View line);

}  // namespace posthorn::migrate
