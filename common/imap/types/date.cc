// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/date.h"

#include <chrono>

namespace posthorn::imap {
namespace {

constexpr std::int64_t kSecondsOfDay = 86400;

std::chrono::year_month_day calendarDay(int year, int month, int day) {
  return {std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
          std::chrono::day{static_cast<unsigned>(day)}};
}

}  // namespace

std::int64_t daysSinceEpoch(const Date& date) {
  return std::chrono::sys_days(calendarDay(date.year, date.month, date.day)).time_since_epoch().count();
}

Date dateOfDays(std::int64_t days) {
  using Days = std::chrono::days;
  const std::chrono::year_month_day day{std::chrono::sys_days{Days{static_cast<Days::rep>(days)}}};
  return {static_cast<std::int16_t>(static_cast<int>(day.year())),
          static_cast<std::uint8_t>(static_cast<unsigned>(day.month())),
          static_cast<std::uint8_t>(static_cast<unsigned>(day.day()))};
}

bool exists(int year, int month, int day) {
  if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  return calendarDay(year, month, day).ok();
}

Date dateOf(const DateTime& moment) {
  const std::int64_t local = moment.seconds + moment.zoneMinutes * std::int64_t{60};
  const std::int64_t days = local / kSecondsOfDay - (local % kSecondsOfDay < 0 ? 1 : 0);
  return dateOfDays(days);
}

}  // namespace posthorn::imap
