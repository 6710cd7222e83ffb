// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>

#include "common/base/ascii.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap {
namespace {

constexpr std::array<View, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads a short text of fixed form; once something does not fit, ok() is false for good.
class Pieces {
 public:
  explicit Pieces(View text) : rest_(text) {}

  int digits(std::size_t least, std::size_t most) {
    std::size_t count = 0;
    while (count < most && count < rest_.size() && ascii::isDigit(rest_[count])) ++count;
    int value = 0;
    for (const char c : rest_.substr(0, count)) value = value * 10 + (c - '0');
    take(count, count >= least);
    return value;
  }
  int month() {
    const View name = rest_.substr(0, 3);
    const auto found =
        std::find_if(kMonths.begin(), kMonths.end(), [&](View month) { return ascii::equal(month, name); });
    take(name.size(), found != kMonths.end());
    return static_cast<int>(found - kMonths.begin()) + 1;
  }
  bool optional(char c) {
    const bool there = !rest_.empty() && rest_.front() == c;
    if (there) rest_.remove_prefix(1);
    return there;
  }
  void expect(char c) { ok_ = optional(c) && ok_; }
  [[nodiscard]] bool whole() const { return ok_ && rest_.empty(); }

 private:
  void take(std::size_t count, bool fits) {
    rest_.remove_prefix(count);
    ok_ = ok_ && fits;
  }
  View rest_;
  bool ok_ = true;
};

/// day "-" month "-" year; the caller asks exists().
struct Day {
  int day = 0;
  int month = 0;
  int year = 0;
};
Day readDay(Pieces& in) {
  Day day;
  day.day = in.digits(1, 2);
  in.expect('-');
  day.month = in.month();
  in.expect('-');
  day.year = in.digits(4, 4);
  return day;
}

Date toDate(const Day& day) {
  return {static_cast<std::int16_t>(day.year), static_cast<std::uint8_t>(day.month),
          static_cast<std::uint8_t>(day.day)};
}

/// Minutes east of Greenwich; nothing when it is no zone.
std::optional<int> readZone(Pieces& in) {
  const bool west = in.optional('-');
  if (!west) in.expect('+');
  const int digits = in.digits(4, 4);
  const int minutes = digits / 100 * 60 + digits % 100;
  if (digits / 100 > 23 || digits % 100 > 59) return std::nullopt;
  return west ? -minutes : minutes;
}

std::optional<DateTime> readDateTime(View text) {
  Pieces in(text);
  in.optional(' ');
  const Day day = readDay(in);
  in.expect(' ');
  const int hour = in.digits(2, 2);
  in.expect(':');
  const int minute = in.digits(2, 2);
  in.expect(':');
  const int second = in.digits(2, 2);
  in.expect(' ');
  const auto zone = readZone(in);
  // 60 is a leap second.
  const bool clock = hour < 24 && minute < 60 && second <= 60;
  if (!in.whole() || !zone || !clock || !exists(day.year, day.month, day.day)) return std::nullopt;
  const std::int64_t minutes = (daysSinceEpoch(toDate(day)) * 24 + hour) * 60 + minute - *zone;
  return DateTime{minutes * 60 + second, static_cast<std::int16_t>(*zone)};
}

}  // namespace

Result<Date> parseDate(Scanner& in) {
  std::string text;
  if (in.peek() == '"') {
    PH_TRY(text, in.string());
  } else {
    PH_TRY(text, in.atom());
  }
  Pieces pieces(text);
  const Day day = readDay(pieces);
  if (!pieces.whole() || !exists(day.year, day.month, day.day)) return Scanner::invalid("Not a date");
  return toDate(day);
}

Result<DateTime> parseDateTime(Scanner& in) {
  if (in.peek() != '"') return Scanner::invalid("Not a date and time");
  PH_TRY(const std::string text, in.string());
  const auto moment = readDateTime(text);
  if (!moment) return Scanner::invalid("Not a date and time");
  return *moment;
}

}  // namespace posthorn::imap
