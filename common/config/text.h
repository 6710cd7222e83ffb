// SPDX-License-Identifier: Apache-2.0
#pragma once

// The spellings of plain values: one set of functions for the file, the command line and, at compile
// time, the defaults in the option tables.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/ascii.h"
#include "common/config/option.h"

namespace posthorn::config {

constexpr bool sameText(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (ascii::lower(a[i]) != ascii::lower(b[i])) return false;
  }
  return true;
}

/// A decimal number with an optional sign, whole text; nothing on overflow.
constexpr std::optional<std::int64_t> parseInt(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (negative || text.front() == '+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!ascii::isDigit(c)) return std::nullopt;
    if (value > (std::numeric_limits<std::int64_t>::max() - (c - '0')) / 10) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

/// yes no, on off, true false in any case, or a number: any but zero is true.
constexpr std::optional<bool> parseBool(std::string_view text) {
  for (const std::string_view word : {"yes", "on", "true"}) {
    if (sameText(text, word)) return true;
  }
  for (const std::string_view word : {"no", "off", "false"}) {
    if (sameText(text, word)) return false;
  }
  const auto number = parseInt(text);
  if (!number) return std::nullopt;
  return *number != 0;
}

constexpr std::optional<std::int64_t> scaled(std::int64_t value, std::int64_t by) {
  if (value > std::numeric_limits<std::int64_t>::max() / by) return std::nullopt;
  if (value < -(std::numeric_limits<std::int64_t>::max() / by)) return std::nullopt;
  return value * by;
}

constexpr std::int64_t secondsIn(Unit unit) {
  switch (unit) {
    case Unit::Minutes:
      return kMinute;
    case Unit::Hours:
      return kHour;
    case Unit::Days:
      return kDay;
    default:
      return 1;
  }
}

/// Seconds: a bare number in `unit`, or pieces like 90s, 30m, 1h30m, 2d, 1w. No sign.
constexpr std::optional<std::int64_t> parseDuration(std::string_view text, Unit unit) {
  if (text.empty() || text.size() > 32 || !ascii::isDigit(text.front())) return std::nullopt;
  if (const auto bare = parseInt(text)) return scaled(*bare, secondsIn(unit));
  std::int64_t total = 0;
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && ascii::isDigit(text[digits])) ++digits;
    const auto number = parseInt(text.substr(0, digits));
    if (!number || digits == text.size()) return std::nullopt;
    std::int64_t factor = 0;
    switch (ascii::lower(text[digits])) {
      case 's':
        factor = 1;
        break;
      case 'm':
        factor = kMinute;
        break;
      case 'h':
        factor = kHour;
        break;
      case 'd':
        factor = kDay;
        break;
      case 'w':
        factor = 7 * kDay;
        break;
      default:
        return std::nullopt;
    }
    const auto piece = scaled(*number, factor);
    if (!piece || *piece > std::numeric_limits<std::int64_t>::max() - total) return std::nullopt;
    total += *piece;
    text.remove_prefix(digits + 1);
  }
  return total;
}

/// Bytes: a number, with k, M, G or T behind it (powers of 1024; kB and KiB are the same as k).
constexpr std::optional<std::int64_t> parseSize(std::string_view text) {
  std::size_t digits = !text.empty() && text.front() == '-' ? 1 : 0;
  while (digits < text.size() && ascii::isDigit(text[digits])) ++digits;
  const auto number = parseInt(text.substr(0, digits));
  if (!number) return std::nullopt;
  std::string_view suffix = text.substr(digits);
  if (suffix.empty() || sameText(suffix, "b")) return number;
  std::int64_t factor = 0;
  switch (ascii::lower(suffix.front())) {
    case 'k':
      factor = kKilo;
      break;
    case 'm':
      factor = kMega;
      break;
    case 'g':
      factor = kGiga;
      break;
    case 't':
      factor = 1024 * kGiga;
      break;
    default:
      return std::nullopt;
  }
  suffix.remove_prefix(1);
  if (!suffix.empty() && !sameText(suffix, "b") && !sameText(suffix, "ib")) return std::nullopt;
  return scaled(*number, factor);
}

/// The spelling in `allowed` ("a|b|c") that equals `text` whatever the case, or nothing.
constexpr std::optional<std::string_view> pickAllowed(std::string_view allowed, std::string_view text) {
  while (!allowed.empty()) {
    const std::size_t bar = positionOf(allowed, '|');
    if (sameText(allowed.substr(0, bar), text)) return allowed.substr(0, bar);
    allowed.remove_prefix(std::min(bar + 1, allowed.size()));
  }
  return std::nullopt;
}

/// "30m", "1h", "90s": the shortest exact spelling.
std::string spellDuration(std::int64_t seconds);
/// "5M", "64k", "1000".
std::string spellSize(std::int64_t bytes);

}  // namespace posthorn::config
