// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace posthorn::imap {

/// A day of the calendar, without a zone: SEARCH's dates. Always one that exists.
struct Date {
  std::int16_t year = 1970;
  std::uint8_t month = 1;
  std::uint8_t day = 1;
  auto operator<=>(const Date&) const = default;
};

/// date-time: a moment and the zone that it was told in.
struct DateTime {
  std::int64_t seconds = 0;      ///< since 1970, UTC
  std::int16_t zoneMinutes = 0;  ///< east of Greenwich
  bool operator==(const DateTime&) const = default;
};

/// Days since 1 January 1970 and back, in the proleptic Gregorian calendar.
std::int64_t daysSinceEpoch(const Date& date);
Date dateOfDays(std::int64_t days);
/// Whether there is such a day in the years 0 to 9999.
bool exists(int year, int month, int day);
/// The day of `moment` in its own zone: what SEARCH SINCE compares (RFC 9051 §6.4.4, "disregarding time and
/// timezone").
Date dateOf(const DateTime& moment);

}  // namespace posthorn::imap
