// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iostream>

#include "common/base/ascii.h"
#include "common/config/file.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/run_command.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

constexpr int kMostNested = 8;

int runLine(Editor& editor, std::string_view line, const std::string& where) {
  const auto words = splitLine(line);
  int status = kOk;
  if (!words.ok()) {
    status = fail(words.error());
  } else if (!words->empty()) {
    status = runNested(editor, *words);
  }
  if (status != kOk) std::cerr << where << ": the file stops here\n";
  return status;
}

}  // namespace

int run(Editor& editor, const Words& words) {
  if (words.size() != 1) return fail(makeError(Errc::Invalid, "run FILE"));
  static int nested = 0;  // files that run files
  if (nested >= kMostNested) return fail(makeError(Errc::Limit, "files run each other more than 8 deep"));
  const auto file = config::readFile(words.front());
  if (!file.ok()) return fail(file.error());
  editor.summarise();
  ++nested;
  int number = 0;
  int status = kOk;
  for (const std::string_view line : ascii::split(file->text, '\n')) {
    status = runLine(editor, line, words.front() + ":" + std::to_string(++number));
    if (status != kOk || editor.leaving()) break;
  }
  --nested;
  return status;
}

}  // namespace posthorn::msconfig
