// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::ascii {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
constexpr bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool isAlpha(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
constexpr bool isControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// Case-insensitive in the ASCII range only, whatever the locale.
bool equal(std::string_view a, std::string_view b);
bool startsWith(std::string_view text, std::string_view prefix);
std::string toLower(std::string_view text);
std::string toUpper(std::string_view text);

/// Without blanks and tabs, CR and LF at both ends.
std::string_view trim(std::string_view text);

/// Pieces between separators; empty pieces are kept by split and dropped by words.
std::vector<std::string_view> split(std::string_view text, char separator);
std::vector<std::string_view> words(std::string_view text, std::string_view separators = " \t");

/// The whole of `text` as a decimal number without sign; nothing on any other character or on overflow.
std::optional<std::uint64_t> number(std::string_view text);

/// `text` with control characters and bytes over 0x7E as \xNN, at most `limit` bytes of it: for logs.
std::string printable(std::string_view text, std::size_t limit = 200);

}  // namespace posthorn::ascii
