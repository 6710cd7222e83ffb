// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/mime/date.h"

namespace posthorn::mshttpd::jmap {

/// Date of RFC 8620 1.4: RFC 3339 with upper-case letters and any offset; fractions of a second are dropped.
/// Nothing for what is no date.
std::optional<mime::SentDate> parseJsonDate(std::string_view text);
/// UTCDate: the same with "Z" alone; seconds since 1970.
std::optional<std::int64_t> parseUtcDate(std::string_view text);

/// "2014-10-30T06:12:00Z".
std::string printUtcDate(std::int64_t seconds);

std::int64_t secondsOf(Wall time);

}  // namespace posthorn::mshttpd::jmap
