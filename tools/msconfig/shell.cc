// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/shell.h"

#include <iostream>

#include "tools/msconfig/editor.h"
#include "tools/msconfig/run_command.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

int runLine(Editor& editor, const std::string& line) {
  const auto words = splitLine(line);
  if (!words.ok()) return fail(words.error());
  return words->empty() ? kOk : runCommand(editor, *words);
}

/// Edits that nobody wrote are dropped when nobody is there to be asked.
int lastWord(const Editor& editor, int status) {
  if (!editor.unsaved()) return status;
  std::cerr << "msconfig: the input ended without `write`: the edits are dropped\n";
  return status == kOk ? kUnsaved : status;
}

/// Nobody types: the first command that fails is the last.
int runScript(Editor& editor, LineReader& lines) {
  std::string line;
  while (!editor.leaving() && lines.next("", line) == LineReader::Got::Line) {
    const int status = runLine(editor, line);
    if (status != kOk) return lastWord(editor, status);
  }
  return lastWord(editor, kOk);
}

}  // namespace

int runShell(Editor& editor, LineReader& lines) {
  if (!lines.typed()) return runScript(editor, lines);
  std::string line;
  while (!editor.leaving()) {
    switch (lines.next(editor.unsaved() ? "msconfig# " : "msconfig> ", line)) {
      case LineReader::Got::Interrupted:
        editor.stay();
        break;
      case LineReader::Got::End:
        runCommand(editor, {"exit"});
        break;
      case LineReader::Got::Line:
        runLine(editor, line);
        break;
    }
    std::cout.flush();
  }
  return kOk;
}

}  // namespace posthorn::msconfig
