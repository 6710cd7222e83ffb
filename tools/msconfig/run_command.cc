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
  if (words.size() == 2 && !config::resolve(words[1])) return remark + " " + words[1];
  for (const std::string& word : words) {
    if (const auto named = config::resolve(word)) remark += " " + named->canonical();
  }
  return remark;
}

/// What the edits of one command make wrong or doubtful, said at once: only `write` refuses errors, because
/// some options can only be right together.
void sayFindings(const Editor& editor, const std::string& before) {
  if (editor.text() == before) return;
  const config::Loaded was = config::parse(before, editor.file());
  const config::Loaded now = config::parse(editor.text(), editor.file());
  for (const config::Finding& finding : newFindings(was, now)) {
    if (finding.text.find(" has no effect yet: ") != std::string::npos) continue;
    if (finding.severity == config::Severity::Error) std::cerr << "before `write`: ";
    std::cerr << finding.text << (finding.hint.empty() ? "\n" : " (" + finding.hint + ")\n");
  }
}

const Command* find(const Words& words, Words& behind) {
  std::size_t used = 0;
  const Command* command = findCommand(words, used);
  if (command != nullptr) behind.assign(words.begin() + static_cast<std::ptrdiff_t>(used), words.end());
  return command;
}

}  // namespace

int runNested(Editor& editor, const Words& words) {
  Words behind;
  const Command* command = find(words, behind);
  if (command == nullptr) return unknownCommand(words.front());
  if (command->effect != Effect::None) {
    const Status opened = editor.open(command->effect == Effect::Changes);
    if (!opened.ok()) return fail(opened.error());
  }
  if (command->effect != Effect::Leaves) editor.stay();
  const std::string before = editor.text();
  const int status = command->run(editor, behind);
  // Those of a file have been said with its lines.
  const bool toSay = command->effect == Effect::Changes && command->run != &run;
  if (editor.mode() == Mode::Shell && toSay) sayFindings(editor, before);
  return status;
}

int runCommand(Editor& editor, const Words& words) {
  Words behind;
  const Command* command = find(words, behind);
  const int status = runNested(editor, words);
  if (status != kOk || editor.mode() == Mode::Shell || command->effect != Effect::Changes) return status;
  const Status written = editor.write(remarkOf(words));
  return written.ok() ? kOk : fail(written.error());
}

}  // namespace posthorn::msconfig
