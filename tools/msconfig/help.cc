// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <iostream>

#include "common/config/manual.h"
#include "tools/msconfig/command.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

using config::kOptions;
using config::Option;

namespace {

void listCommands() {
  for (const Command& command : commands()) {
    std::cout << "  " << command.name << (command.arguments.empty() ? "" : " ") << command.arguments
              << "\n      " << command.help << "\n";
  }
  std::cout << "`help COMMAND` and `help NAME` say more; `help '*'` lists all options.\n";
}

bool helpForCommand(const Words& words) {
  std::size_t used = 0;
  const Command* command = findCommand(words, used);
  if (command == nullptr || used != words.size()) return false;
  std::cout << command->name << (command->arguments.empty() ? "" : " ") << command->arguments << "\n  "
            << command->help << ".\n";
  return true;
}

bool helpForOption(const std::string& name) {
  if (const auto named = config::resolve(name)) {
    std::cout << config::helpFor(named->option());
    return true;
  }
  bool any = false;
  for (const Option& row : kOptions) {
    if (row.name == name) {  // "tls:*.cert", as the list below prints it
      std::cout << config::helpFor(row);
      return true;
    }
    if (!config::matchesPattern(row.name, name)) continue;
    std::cout << row.name << "\n    " << row.help << "\n";
    any = true;
  }
  return any;
}

}  // namespace

int help(Editor& /*editor*/, const Words& words) {
  if (words.empty()) {
    listCommands();
    return kOk;
  }
  if (helpForCommand(words) || helpForOption(words.front())) return kOk;
  return unknownName(words.front());
}

int sample(Editor& /*editor*/, const Words& /*words*/) {
  std::cout << config::sampleFile();
  return kOk;
}

}  // namespace posthorn::msconfig
