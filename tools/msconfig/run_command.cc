// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/run_command.h"

#include <iostream>

#include "common/base/ascii.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

int unknownCommand(const std::string& word) {
  std::cerr << "msconfig: there is no command " << ascii::printable(word) << "; `help` lists all\n";
  return kUsage;
}

/// "set pop.port", without values: a remark must not hold a password.
std::string remarkOf(const Words& words) {
  std::string remark = words.front();
  for (const std::string& word : words) {
    if (remark.size() > 100) break;
    if (const auto named = config::resolve(word)) remark += " " + named->canonical();
  }
  return remark;
}

}  // namespace

int runCommand(Editor& editor, const Words& words) {
  std::size_t used = 0;
  const Command* command = findCommand(words, used);
  if (command == nullptr) return unknownCommand(words.front());
  const bool changes = command->effect == Effect::Changes;
  if (command->effect != Effect::None) {
    const Status opened = editor.open(changes);
    if (!opened.ok()) return fail(opened.error());
  }
  const int status =
      command->run(editor, Words(words.begin() + static_cast<std::ptrdiff_t>(used), words.end()));
  if (status != kOk || !changes || editor.mode() == Mode::Shell) return status;
  const auto written = editor.write(remarkOf(words));
  return written.ok() ? kOk : fail(written.error());
}

}  // namespace posthorn::msconfig
