// SPDX-License-Identifier: Apache-2.0
#include "common/config/history.h"

#include <iostream>

#include "common/base/ascii.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

int history(Editor& editor, const Words& words) {
  if (!words.empty()) return fail(makeError(Errc::Invalid, "history takes no words"));
  const config::History history(editor.file());
  const auto versions = history.list();
  if (!versions.ok()) return fail(versions.error());
  for (const config::Version& version : *versions) {
    const bool last = version.number == versions->back().number;
    const auto text = last ? history.read(version.number) : Result<std::string>(std::string());
    const bool current = last && text.ok() && *text == editor.written();
    const std::string number = std::to_string(version.number);
    std::cout << (current ? "*" : " ") << std::string(number.size() < 4 ? 4 - number.size() : 0, ' ')
              << number << "  " << version.time << "  " << version.by << "  " << version.remark << "\n";
    if (last && !current) std::cout << "  the file has been changed by hand since\n";
  }
  if (versions->empty()) std::cout << "Nothing has been written by msconfig yet.\n";
  return kOk;
}

int revert(Editor& editor, const Words& words) {
  if (words.empty() && editor.mode() == Mode::Shell) {
    const Status reread = editor.reread();
    if (!reread.ok()) return fail(reread.error());
    std::cout << "Edits are dropped; this is the file as it is now.\n";
    return kOk;
  }
  const auto number = words.size() == 1 ? ascii::number(words.front()) : std::nullopt;
  if (!number) return fail(makeError(Errc::Invalid, "revert N, a number of `history`"));
  auto text = config::History(editor.file()).read(*number);
  if (!text.ok()) return fail(text.error());
  if (*text == editor.text()) {
    editor.say("That is the configuration already.\n");
    return kOk;
  }
  editor.replace(std::move(text).value());
  editor.say("The configuration is as in version " + std::to_string(*number) +
             (editor.mode() == Mode::Shell ? ", not written yet.\n" : ".\n"));
  return kOk;
}

}  // namespace posthorn::msconfig
