// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/command_line.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::deliver::lmtp {
namespace {

View withoutBlanks(View text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Error misfit(const char* text) {
  return Error{Errc::Invalid, text, text};
}

Result<CommandLine> splitLine(View line) {
  if (std::any_of(line.begin(), line.end(), ascii::isControl)) return misfit("Control character in command");
  const std::size_t blank = std::min(line.find(' '), line.size());
  if (blank == 0) return misfit("Empty command");
  return CommandLine{line.substr(0, blank), withoutBlanks(line.substr(blank))};
}

}  // namespace posthorn::deliver::lmtp
