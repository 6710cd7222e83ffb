// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/mbox_from.h"

#include <array>
#include <ctime>
#include <vector>

#include "common/base/ascii.h"

namespace posthorn::migrate {

namespace {

template <std::size_t N>
std::optional<int> indexIn(const std::array<View, N>& names, View word) {
  for (std::size_t i = 0; i < N; ++i)
    if (ascii::equal(names[i], word)) return static_cast<int>(i);
  return std::nullopt;
}

constexpr std::array<View, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<View, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> numberIn(View text, std::uint64_t least, std::uint64_t most) {
  const auto value = ascii::number(text);
  if (!value || *value < least || *value > most) return std::nullopt;
  return static_cast<int>(*value);
}

/// "01:05:34" or "01:05".
bool parseTime(View text, std::tm& when) {
  const auto parts = ascii::split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return false;
  const auto hour = numberIn(parts[0], 0, 23);
  const auto minute = numberIn(parts[1], 0, 59);
  const auto second = parts.size() == 3 ? numberIn(parts[2], 0, 60) : std::optional<int>(0);
  if (!hour || !minute || !second) return false;
  when.tm_hour = *hour;
  when.tm_min = *minute;
  when.tm_sec = *second;
  return true;
}

/// "+0200" in seconds.
std::optional<std::int64_t> parseZone(View text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto hours = numberIn(text.substr(1, 2), 0, 23);
  const auto minutes = numberIn(text.substr(3, 2), 0, 59);
  if (!hours || !minutes) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

/// The words from the day of the week on.
std::optional<std::int64_t> parseDate(const std::vector<View>& words, std::size_t at) {
  std::tm when{};
  const auto month = indexIn(kMonths, words[at + 1]);
  const auto day = numberIn(words[at + 2], 1, 31);
  if (!month || !day || !parseTime(words[at + 3], when)) return std::nullopt;
  std::optional<int> year;
  std::optional<std::int64_t> zone;
  for (std::size_t i = at + 4; i < words.size() && i < at + 7; ++i) {
    if (!year && words[i].size() == 4) year = numberIn(words[i], 1900, 9999);
    if (!zone) zone = parseZone(words[i]);
  }
  if (!year) return std::nullopt;
  when.tm_year = *year - 1900;
  when.tm_mon = *month;
  when.tm_mday = *day;
  when.tm_isdst = -1;
  if (zone) return static_cast<std::int64_t>(::timegm(&when)) - *zone;
  return static_cast<std::int64_t>(::mktime(&when));
}

}  // namespace

std::optional<std::int64_t> parseFromLine(View line) {
  if (line.substr(0, 5) != "From " || line.size() > kLongestFrom) return std::nullopt;
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  const auto words = ascii::words(line.substr(5));
  for (std::size_t at = 0; at + 5 <= words.size(); ++at)
    if (indexIn(kDays, words[at]))
      if (const auto date = parseDate(words, at)) return date;
  return std::nullopt;
}

}  // namespace posthorn::migrate
