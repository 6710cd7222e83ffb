// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
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

/// FNV-1a: sorted numbers are compared faster than names, of which compilers allow only so many steps.
constexpr std::uint64_t nameHash(std::string_view name) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

/// New and old names together: none twice.
template <typename Table>
constexpr bool namesUnique(const Table& table) {
  std::array<std::uint64_t, 2 * std::tuple_size_v<Table>> hashes{};
  std::size_t count = 0;
  for (const Option& row : table) {
    hashes[count++] = nameHash(row.name);
    if (!row.legacy.empty()) hashes[count++] = nameHash(row.legacy);
  }
  std::sort(hashes.begin(), hashes.begin() + count);
  return std::adjacent_find(hashes.begin(), hashes.begin() + count) == hashes.begin() + count;
}

template <typename Table>
constexpr bool wellFormed(const Table& table) {
  for (const Option& row : table) {
    if (!shapeFits(row) || !fallbackFits(row) || !oneSentence(row.help)) return false;
  }
  return namesUnique(table);
}

}  // namespace posthorn::config
