// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/dates.h"

#include <chrono>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/imap/types/date.h"

namespace posthorn::mshttpd::jmap {

namespace {

constexpr std::int64_t kDay = 86'400;

/// Takes `digits` digits and the character behind them (none: '\0') off `text`.
std::optional<int> take(std::string_view& text, std::size_t digits, char after) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (!ascii::isDigit(c)) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  if (after == '\0') return number;
  if (text.empty() || text.front() != after) return std::nullopt;
  text.remove_prefix(1);
  return number;
}

/// A fraction, if there is one; false when it has no digit.
bool dropFraction(std::string_view& text) {
  if (text.empty() || text.front() != '.') return true;
  text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits > 0;
}

std::optional<int> zoneOf(std::string_view text) {
  if (text == "Z") return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take(text, 2, ':');
  const auto minutes = take(text, 2, '\0');
  if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

}  // namespace

std::optional<mime::SentDate> parseJsonDate(std::string_view text) {
  const auto year = take(text, 4, '-');
  const auto month = take(text, 2, '-');
  const auto day = take(text, 2, 'T');
  const auto hour = take(text, 2, ':');
  const auto minute = take(text, 2, ':');
  const auto second = take(text, 2, '\0');
  if (!year || !month || !day || !hour || !minute || !second || !dropFraction(text)) return std::nullopt;
  if (!imap::exists(*year, *month, *day) || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto zone = zoneOf(text);
  if (!zone) return std::nullopt;
  const std::int64_t days =
      mime::daysFromCivil(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
  const std::int64_t local = days * kDay + *hour * 3600 + *minute * 60 + *second;
  return mime::SentDate{local - *zone * 60, static_cast<std::int16_t>(*zone)};
}

std::optional<std::int64_t> parseUtcDate(std::string_view text) {
  if (text.empty() || text.back() != 'Z') return std::nullopt;
  const auto date = parseJsonDate(text);
  return date ? std::optional(date->seconds) : std::nullopt;
}

std::string printUtcDate(std::int64_t seconds) {
  std::int64_t days = seconds / kDay;
  std::int64_t rest = seconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const imap::Date date = imap::dateOfDays(days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", date.year, date.month, date.day, rest / 3600,
                     rest / 60 % 60, rest % 60);
}

std::int64_t secondsOf(Wall time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace posthorn::mshttpd::jmap
