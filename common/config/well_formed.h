// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "common/config/option.h"
#include "common/config/text.h"

// What the compiler checks of the option tables.

namespace posthorn::config {

constexpr bool hasInnerStop(std::string_view help) {
  for (std::size_t i = 0; i + 1 < help.size(); ++i) {
    if (help[i] == '.' && help[i + 1] == ' ') return true;
  }
  return false;
}

constexpr bool oneSentence(std::string_view help) {
  return !help.empty() && help.size() <= 200 && help.back() == '.' && help.front() >= 'A' &&
         help.front() <= 'Z' && !hasInnerStop(help);
}

constexpr bool within(const Limits& limits, std::int64_t value) {
  return value >= limits.least && value <= limits.most;
}

constexpr std::int64_t countWords(std::string_view text) {
  std::int64_t words = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ' ' && (i == 0 || text[i - 1] == ' ')) ++words;
  }
  return words;
}

/// The default is a value of the row. Forms of texts (Item) are checked when the program starts.
constexpr bool fallbackFits(const Option& row) {
  switch (row.type) {
    case Type::Bool:
      return parseBool(row.fallback).has_value();
    case Type::Int:
      return parseInt(row.fallback) && within(row.limits, *parseInt(row.fallback));
    case Type::Size:
      return parseSize(row.fallback) && within(row.limits, *parseSize(row.fallback));
    case Type::Duration: {
      const auto seconds = parseDuration(row.fallback, row.unit);
      return seconds && within(row.limits, *seconds);
    }
    case Type::Enum:
      return row.fallback.empty() || pickAllowed(row.allowed, row.fallback) == row.fallback;
    case Type::List:
      return within(row.limits, countWords(row.fallback));
    case Type::Secret:
      return row.fallback.empty();
    case Type::String:
    case Type::Path:
      break;
  }
  return true;
}

/// Units go with types, enums have values, a group's name has one * behind its colon.
constexpr bool shapeFits(const Option& row) {
  if (positionOf(row.name, '.') == row.name.size()) return false;
  if ((row.type == Type::Duration) != (row.unit >= Unit::Seconds && row.unit <= Unit::Days)) return false;
  if ((row.type == Type::Size) != (row.unit == Unit::Bytes)) return false;
  if (row.type == Type::Enum && row.allowed.empty()) return false;
  if (row.refusedYet && row.actsLater.empty()) return false;
  if (!row.grouped()) return positionOf(row.legacy, '*') == row.legacy.size();
  const std::size_t colon = positionOf(row.name, ':');
  return row.name.substr(colon + 1, 2) == "*." &&
         (row.legacy.empty() || positionOf(row.legacy, '*') < row.legacy.size());
}

template <typename Table>
constexpr bool namesUnique(const Table& table) {
  for (std::size_t i = 0; i < std::size(table); ++i) {
    for (std::size_t j = 0; j < std::size(table); ++j) {
      if (i != j && table[i].name == table[j].name) return false;
      if (table[i].legacy.empty()) continue;
      if (i != j && table[i].legacy == table[j].legacy) return false;
      if (table[i].legacy == table[j].name) return false;
    }
  }
  return true;
}

template <typename Table>
constexpr bool wellFormed(const Table& table) {
  for (const Option& row : table) {
    if (!shapeFits(row) || !fallbackFits(row) || !oneSentence(row.help)) return false;
  }
  return namesUnique(table);
}

}  // namespace posthorn::config
