// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/completion.h"

#include <vector>

#include "common/config/registry.h"
#include "tools/msconfig/command.h"

namespace posthorn::msconfig {

namespace {

std::vector<std::string_view> candidates(std::string_view word, bool first) {
  std::vector<std::string_view> found;
  const auto consider = [&](std::string_view name) {
    if (name.substr(0, word.size()) == word) found.push_back(name);
  };
  if (first) {
    for (const Command& command : commands()) consider(command.name);
    return found;
  }
  for (const config::Option& row : config::kOptions)
    consider(row.name.substr(0, config::positionOf(row.name, '*')));
  return found;
}

std::string_view commonStart(std::string_view a, std::string_view b) {
  std::size_t length = 0;
  while (length < a.size() && length < b.size() && a[length] == b[length]) ++length;
  return a.substr(0, length);
}

}  // namespace

Completion complete(std::string_view before) {
  const std::size_t blank = before.find_last_of(" \t");
  const std::string_view word = blank == std::string_view::npos ? before : before.substr(blank + 1);
  const auto found = candidates(word, blank == std::string_view::npos);
  Completion completion;
  if (found.empty()) return completion;
  std::string_view start = found.front();
  for (const std::string_view name : found) start = commonStart(start, name);
  completion.insert = start.substr(word.size());
  // "tls:" is only the beginning of a name.
  if (found.size() == 1 && start.back() != ':') completion.insert += ' ';
  if (!completion.insert.empty()) return completion;
  std::string_view last;
  for (const std::string_view name : found) {
    if (name != last) completion.choices.append(name).append("\n");
    last = name;
  }
  return completion;
}

}  // namespace posthorn::msconfig
