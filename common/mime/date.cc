// SPDX-License-Identifier: Apache-2.0
#include "common/mime/date.h"

#include <array>

#include "common/base/ascii.h"
#include "common/mime/lexer.h"

namespace posthorn::mime {

namespace {

constexpr std::int64_t kDay = 86'400;

constexpr std::array<View, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec"};

struct Zone {
  View name;
  int hours;
};
// RFC 5322 4.3, and the ones of Europe that senders write although no RFC knows them.
constexpr Zone kZones[] = {{"UT", 0},   {"GMT", 0},  {"UTC", 0},  {"Z", 0},    {"EST", -5}, {"EDT", -4},
                           {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7},
                           {"WET", 0},  {"WEST", 1}, {"CET", 1},  {"CEST", 2}, {"MET", 1},  {"MEST", 2},
                           {"EET", 2},  {"EEST", 3}, {"BST", 1}};

std::optional<unsigned> monthOf(View word) {
  if (word.size() < 3) return std::nullopt;
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (ascii::equal(word.substr(0, 3), kMonths[i])) return i + 1;
  }
  return std::nullopt;
}

bool leapYear(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned daysOf(std::int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leapYear(year) ? 29 : kDays[month - 1];
}

struct Civil {
  std::int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
};

class DateReader {
 public:
  explicit DateReader(View text) : lexer_(text) {}

  std::optional<SentDate> read() {
    const auto date = readDate();
    if (!date) return std::nullopt;
    const std::int64_t time = readTime();
    const std::int16_t zone = readZone();
    SentDate sent;
    sent.zoneMinutes = zone;
    sent.seconds = daysFromCivil(date->year, date->month, date->day) * kDay + time - std::int64_t{zone} * 60;
    return sent;
  }

 private:
  /// Letters, or digits; nothing else is part of a word.
  View word() {
    lexer_.skipBlanks();
    while (lexer_.take(',') || lexer_.take('-') || lexer_.take('.') || lexer_.skipBlanks()) continue;
    const View rest = lexer_.rest();
    std::size_t length = 0;
    const bool digits = !rest.empty() && ascii::isDigit(rest.front());
    while (length < rest.size() && (digits ? ascii::isDigit(rest[length]) : ascii::isAlpha(rest[length])))
      ++length;
    lexer_.advance(length);
    return rest.substr(0, length);
  }

  static std::optional<unsigned> smallNumber(View text) {
    if (text.empty() || text.size() > 4) return std::nullopt;
    const auto value = ascii::number(text);
    if (!value) return std::nullopt;
    return static_cast<unsigned>(*value);
  }

  std::optional<Civil> readDate() {
    View first = word();
    auto month = monthOf(first);
    // A word in front that is no month is a weekday, in whatever language.
    if (!month && !first.empty() && ascii::isAlpha(first.front())) first = word();
    if (!month) month = monthOf(first);
    const bool monthFirst = month.has_value();
    const auto day = smallNumber(monthFirst ? word() : first);
    if (!monthFirst) month = monthOf(word());
    if (!day || !month) return std::nullopt;
    if (monthFirst) readEarlyTime();
    const View yearText = word();
    const auto year = smallNumber(yearText);
    if (!year) return std::nullopt;
    const Civil date{fullYear(*year, yearText.size()), *month, *day};
    if (date.day == 0 || date.day > daysOf(date.year, date.month)) return std::nullopt;
    return date;
  }

  /// RFC 5322 4.3: two digits to 49 are of this century, two and three others count from 1900.
  static std::int64_t fullYear(unsigned year, std::size_t digits) {
    if (digits >= 4) return year;
    return digits <= 2 && year < 50 ? 2000 + std::int64_t{year} : 1900 + std::int64_t{year};
  }

  /// "Mon Nov 21 07:00:00 2026", as asctime() writes it: the time comes before the year.
  void readEarlyTime() {
    lexer_.skipBlanks();
    const View rest = lexer_.rest();
    if (rest.size() > 2 && (rest[1] == ':' || rest[2] == ':')) early_ = readTime();
  }

  std::optional<unsigned> timePart() {
    const View rest = lexer_.rest();
    std::size_t length = 0;
    while (length < rest.size() && ascii::isDigit(rest[length])) ++length;
    lexer_.advance(length);
    return smallNumber(rest.substr(0, length));
  }

  /// Seconds of the day; an impossible or missing time is 0.
  std::int64_t readTime() {
    if (early_) return *early_;
    lexer_.skipBlanks();
    while (lexer_.take(',') || lexer_.skipBlanks()) continue;
    const auto hour = timePart();
    lexer_.skipBlanks();
    if (!hour || (!lexer_.take(':') && !lexer_.take('.'))) return 0;
    lexer_.skipBlanks();
    const auto minute = timePart();
    std::optional<unsigned> second = 0;
    lexer_.skipBlanks();
    if (lexer_.take(':') || lexer_.take('.')) {
      lexer_.skipBlanks();
      second = timePart();
      if (lexer_.take('.')) timePart();  // fractions
    }
    lexer_.skipBlanks();
    unsigned hours = *hour;
    const View half = lexer_.rest().substr(0, 2);
    if (ascii::equal(half, "am") || ascii::equal(half, "pm")) {
      lexer_.advance(2);
      hours = hours % 12 + (ascii::equal(half, "pm") ? 12 : 0);
    }
    if (hours > 23 || !minute || *minute > 59 || !second || *second > 60) return 0;
    return std::int64_t{hours} * 3600 + std::int64_t{*minute} * 60 + *second;
  }

  /// Minutes east; 0 for what cannot be read. Military zones are of unknown meaning (RFC 5322 4.3).
  std::int16_t readZone() {
    lexer_.skipBlanks();
    int named = 0;
    if (ascii::isAlpha(lexer_.peek())) {
      const View name = zoneName();
      for (const Zone& zone : kZones) {
        if (ascii::equal(name, zone.name)) named = zone.hours * 60;
      }
      lexer_.skipBlanks();
      // "GMT+0200" means the offset.
      if (named != 0 || (lexer_.peek() != '+' && lexer_.peek() != '-'))
        return static_cast<std::int16_t>(named);
    }
    const bool west = lexer_.peek() == '-';
    if (!lexer_.take('+') && !lexer_.take('-')) return 0;
    const View rest = lexer_.rest();
    std::size_t digits = 0;
    while (digits < rest.size() && ascii::isDigit(rest[digits])) ++digits;
    std::optional<unsigned> hours;
    std::optional<unsigned> minutes;
    if (digits == 4) {
      hours = smallNumber(rest.substr(0, 2));
      minutes = smallNumber(rest.substr(2, 2));
    } else if (digits == 2 && rest.substr(2, 1) == ":") {
      hours = smallNumber(rest.substr(0, 2));
      minutes = smallNumber(rest.substr(3, 2));
    }
    if (!hours || !minutes || *hours > 24 || *minutes > 59) return 0;
    const int east = static_cast<int>(*hours * 60 + *minutes);
    return static_cast<std::int16_t>(west ? -east : east);
  }

  View zoneName() {
    const View rest = lexer_.rest();
    std::size_t length = 0;
    while (length < rest.size() && ascii::isAlpha(rest[length])) ++length;
    lexer_.advance(length);
    return rest.substr(0, length);
  }

  Lexer lexer_;
  std::optional<std::int64_t> early_;
};

}  // namespace

std::int64_t daysFromCivil(std::int64_t year, unsigned month, unsigned day) {
  // Years that begin in March put the leap day at their end.
  const std::int64_t shifted = month <= 2 ? year - 1 : year;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const std::int64_t yearOfEra = shifted - era * 400;
  const std::int64_t dayOfYear = (153 * ((std::int64_t{month} + 9) % 12) + 2) / 5 + day - 1;
  return era * 146'097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719'468;
}

std::int64_t SentDate::day() const {
  const std::int64_t local = seconds + std::int64_t{zoneMinutes} * 60;
  return (local >= 0 ? local : local - (kDay - 1)) / kDay;
}

std::optional<SentDate> parseDate(View value) {
  return DateReader(value).read();
}

}  // namespace posthorn::mime
