// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "common/base/ascii.h"
#include "common/config/history.h"
#include "common/config/value.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/settings.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

std::string sideOf(const Settings& settings, const std::string& name, const config::Option& row) {
  const auto found = settings.find(name);
  if (found != settings.end()) return shownValue(row, found->second.value, false);
  return (row.fallback.empty() ? "" : std::string(row.fallback) + " ") + "(default)";
}

/// Option by option; passwords are only said to differ.
void compare(const std::string& before, const std::string& after) {
  const Settings a = settingsOf(before);
  const Settings b = settingsOf(after);
  const std::vector<std::string> names = differing(a, b);
  for (const std::string& name : names) {
    const auto found = b.find(name);
    const config::Option& row = (found == b.end() ? a.find(name) : found)->second.named.option();
    std::cout << "-" << name << ": " << sideOf(a, name, row) << "\n+" << name << ": " << sideOf(b, name, row)
              << "\n";
  }
  if (!names.empty()) return;
  std::cout << (before == after ? "There is no difference.\n" : "Only comments, order or spelling differ.\n");
}

Result<std::string> versionText(const Editor& editor, const std::string& word) {
  const auto number = ascii::number(word);
  if (!number) return makeError(Errc::Invalid, "diff [N [M]], numbers of `history`");
  return config::History(editor.file()).read(*number);
}

}  // namespace

int diff(Editor& editor, const Words& words) {
  if (words.size() > 2) return fail(makeError(Errc::Invalid, "diff [N [M]], numbers of `history`"));
  const auto before = words.empty() ? Result<std::string>(editor.written()) : versionText(editor, words[0]);
  if (!before.ok()) return fail(before.error());
  const auto after = words.size() < 2 ? Result<std::string>(editor.text()) : versionText(editor, words[1]);
  if (!after.ok()) return fail(after.error());
  compare(*before, *after);
  return kOk;
}

}  // namespace posthorn::msconfig
