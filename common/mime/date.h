// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// The moment that a Date field tells.
struct SentDate {
  std::int64_t seconds = 0;      ///< since 1970, UTC
  std::int16_t zoneMinutes = 0;  ///< east of Greenwich; 0 for a zone that says nothing
  bool operator==(const SentDate&) const = default;

  /// Days since 1970 of the date as written, without time and zone: what SENTON, SENTBEFORE and SENTSINCE
  /// compare (RFC 3501 6.4.4).
  [[nodiscard]] std::int64_t day() const;
};

/// A date-time of RFC 5322 3.3 and 4.3 (two and three digit years, named and military zones, comments, no
/// seconds, no weekday or a wrong one) and what senders make of it (dashes, "GMT+0200", month before day). An
/// impossible time is 00:00:00 and an unknown zone UTC (RFC 5256 2.2); without a readable date there is
/// nothing.
std::optional<SentDate> parseDate(View value);

/// Days since 1970 of a civil date; months and days count from 1.
std::int64_t daysFromCivil(std::int64_t year, unsigned month, unsigned day);

}  // namespace posthorn::mime
