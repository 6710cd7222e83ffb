// SPDX-License-Identifier: Apache-2.0
#include "tools/accounts/field_date.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace posthorn::tools {

std::string fieldDate(Wall when) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  const long zone = local.tm_gmtoff / 60;
  const long minutes = zone < 0 ? -zone : zone;
  // Not strftime: the names are English whatever the locale.
  std::array<char, 64> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%s, %d %s %04d %02d:%02d:%02d %c%02ld%02ld",
                    kDays.at(static_cast<std::size_t>(local.tm_wday)), local.tm_mday,
                    kMonths.at(static_cast<std::size_t>(local.tm_mon)), local.tm_year + 1900, local.tm_hour,
                    local.tm_min, local.tm_sec, zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

}  // namespace posthorn::tools
