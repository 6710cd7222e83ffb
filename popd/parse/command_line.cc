// SPDX-License-Identifier: Apache-2.0
#include "popd/parse/command_line.h"

#include <algorithm>
#include <limits>

#include "common/base/ascii.h"

namespace posthorn::popd {
namespace {

Error invalid(const char* text) {
  return Error{Errc::Invalid, text, text};
}

View withoutBlanks(View text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// The value of a word of digits; nothing on other octets. Too large values become the largest.
std::optional<std::uint32_t> decimal(View word) {
  if (word.empty() || !std::all_of(word.begin(), word.end(), ascii::isDigit)) return std::nullopt;
  const auto value = ascii::number(word);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::min(value.value_or(kMost), kMost));
}

}  // namespace

Result<CommandLine> splitLine(View line) {
  if (std::any_of(line.begin(), line.end(), ascii::isControl)) return invalid("Control character in command");
  const std::size_t blank = std::min(line.find(' '), line.size());
  if (blank == 0) return invalid("Empty command");
  return CommandLine{line.substr(0, blank), line.substr(std::min(blank + 1, line.size()))};
}

View Arguments::trimmed() const {
  return withoutBlanks(rest_);
}

Result<View> Arguments::word() {
  const View text = withoutBlanks(rest_);
  if (text.empty()) return invalid("Missing argument");
  const View found = text.substr(0, text.find(' '));
  rest_ = text.substr(found.size());
  return found;
}

Result<MessageNumber> Arguments::messageNumber() {
  PH_TRY(const View found, word());
  const auto number = decimal(found);
  if (!number) return invalid("Not a message number");
  if (*number == 0) return invalid("Message numbers start at 1");
  return *number;
}

Result<std::optional<MessageNumber>> Arguments::optionalMessageNumber() {
  if (atEnd()) return std::optional<MessageNumber>{};
  PH_TRY(const MessageNumber number, messageNumber());
  return std::optional<MessageNumber>{number};
}

Result<std::uint32_t> Arguments::count() {
  PH_TRY(const View found, word());
  const auto number = decimal(found);
  if (!number) return invalid("Not a number of lines");
  return *number;
}

Status Arguments::end() const {
  return atEnd() ? okStatus() : invalid("Too many arguments");
}

}  // namespace posthorn::popd
