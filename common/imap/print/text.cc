// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/imap/print/mutf7.h"
#include "common/imap/types/atom.h"

namespace posthorn::imap {
namespace {

constexpr std::array<View, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// Longer texts go as literals: no reader has to search them for quotes.
constexpr std::size_t kLongestQuoted = 1024;

bool isEightBit(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool quotable(View text, bool utf8) {
  if (text.size() > kLongestQuoted) return false;
  const auto unfit = [](char c) { return c == '\0' || c == '\r' || c == '\n'; };
  if (std::any_of(text.begin(), text.end(), unfit)) return false;
  return std::none_of(text.begin(), text.end(), isEightBit) || (utf8 && utf8::valid(text));
}

/// Two digits, the first one as `blank` when it is 0.
void putTwoDigits(std::string& out, int value, char blank = '0') {
  out.push_back(value < 10 ? blank : static_cast<char>('0' + value / 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

/// -Feb-1994
void putMonthAndYear(std::string& out, const Date& date) {
  out.push_back('-');
  out.append(kMonths[(date.month + 11U) % 12]);
  out.push_back('-');
  putTwoDigits(out, date.year / 100);
  putTwoDigits(out, date.year % 100);
}

}  // namespace

void putNumber(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto result = std::to_chars(std::begin(digits), std::end(digits), number);
  out.append(digits, result.ptr);
}

void putQuoted(std::string& out, View text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

void putLiteralMark(std::string& out, std::uint64_t octets, PrintOptions options) {
  out.push_back('{');
  putNumber(out, octets);
  out.append(options.literalPlus ? "+}\r\n" : "}\r\n");
}

void putString(std::string& out, View text, PrintOptions options) {
  if (quotable(text, options.utf8)) return putQuoted(out, text);
  putLiteralMark(out, text.size(), options);
  out.append(text);
}

void putNstring(std::string& out, const std::optional<std::string>& text, PrintOptions options) {
  if (!text) {
    out.append("NIL");
  } else {
    putString(out, *text, options);
  }
}

void putOctets(std::string& out, const std::optional<std::string>& text, PrintOptions options) {
  if (text && text->find('\0') != std::string::npos) out.push_back('~');
  putNstring(out, text, options);
}

void putAstring(std::string& out, View text, PrintOptions options) {
  const bool atom = !text.empty() && std::all_of(text.begin(), text.end(), isAtomChar);
  // NIL would be read as nothing where an nstring can stand.
  if (atom && !ascii::equal(text, "NIL")) {
    out.append(text);
  } else {
    putString(out, text, options);
  }
}

void putMailbox(std::string& out, View utf8, PrintOptions options) {
  if (options.utf8) return putAstring(out, utf8, options);
  const bool direct =
      std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= 0x20 && c <= 0x7E && c != '&'; });
  if (direct) return putAstring(out, utf8, options);
  std::string encoded;
  putMutf7(encoded, utf8);
  putAstring(out, encoded, options);
}

void putSequenceSet(std::string& out, const SequenceSet& set) {
  if (set.saved) {
    out.push_back('$');
  } else {
    putRanges(out, set.ranges);
  }
}

void putRanges(std::string& out, const std::vector<SequenceRange>& ranges) {
  const auto putEnd = [&](std::uint32_t number) {
    if (number == kStar) {
      out.push_back('*');
    } else {
      putNumber(out, number);
    }
  };
  bool first = true;
  for (const SequenceRange& range : ranges) {
    if (!first) out.push_back(',');
    first = false;
    putEnd(range.first);
    if (range.last == range.first) continue;
    out.push_back(':');
    putEnd(range.last);
  }
}

void putDate(std::string& out, const Date& date) {
  putNumber(out, date.day);
  putMonthAndYear(out, date);
}

void putDateTime(std::string& out, const DateTime& moment) {
  constexpr std::int64_t kDay = 86400;
  const int zone = moment.zoneMinutes < 0 ? -moment.zoneMinutes : moment.zoneMinutes;
  const Date date = dateOf(moment);
  const std::int64_t local = moment.seconds + moment.zoneMinutes * std::int64_t{60};
  const int second = static_cast<int>(local - daysSinceEpoch(date) * kDay);
  out.push_back('"');
  putTwoDigits(out, date.day, ' ');
  putMonthAndYear(out, date);
  out.push_back(' ');
  putTwoDigits(out, second / 3600);
  out.push_back(':');
  putTwoDigits(out, second / 60 % 60);
  out.push_back(':');
  putTwoDigits(out, second % 60);
  out.append(moment.zoneMinutes < 0 ? " -" : " +");
  putTwoDigits(out, zone / 60);
  putTwoDigits(out, zone % 60);
  out.push_back('"');
}

void putFlags(std::string& out, const Flags& flags) {
  ListWriter list(out);
  putSystemFlags(list, flags.system);
  for (const std::string& keyword : flags.keywords) list.word(keyword);
  list.end();
}

void putSystemFlags(ListWriter& list, SystemFlags system) {
  for (SystemFlags bit = kSeen; bit <= kDraft; bit = static_cast<SystemFlags>(bit << 1))
    if ((system & bit) != 0) list.word(systemFlagName(bit));
}

void SetWriter::add(std::uint32_t first, std::uint32_t last) {
  if (first_ != 0 && first == last_ + 1) {
    last_ = last;
    return;
  }
  flush();
  first_ = first;
  last_ = last;
}

void SetWriter::end() {
  flush();
  first_ = last_ = 0;
}

void SetWriter::flush() {
  if (first_ == 0) return;
  if (!empty_) out_.push_back(',');
  empty_ = false;
  putNumber(out_, first_);
  if (last_ == first_) return;
  out_.push_back(':');
  putNumber(out_, last_);
}

}  // namespace posthorn::imap
