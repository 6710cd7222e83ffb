// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "common/base/ascii.h"
#include "common/config/history.h"
#include "common/config/manual.h"
#include "common/config/value.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/running.h"
#include "tools/msconfig/settings.h"
#include "tools/msconfig/view.h"
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

namespace {

/// What the running services were given and what they would be given now.
int diffRunning(const Editor& editor) {
  const View view(editor);
  view.reportErrors();
  if (!view.good()) return kConfig;
  const auto running = askRunning(*view.loaded().snapshot);
  if (!running.ok() && running.error().code == Errc::NotFound) {
    std::cout << "Nothing runs.\n";
    return kOk;
  }
  if (!running.ok()) return fail(running.error());
  bool any = false;
  for (const auto& [service, options] : *running) {
    for (const Shown& shown : view.all()) {
      if (!receives(service, shown.option()) || shown.option().secret()) continue;
      const auto found = options.find(shown.name);
      const std::string used = found == options.end() ? std::string(shown.option().fallback) : found->second;
      const std::string wanted = config::spell(shown.option(), shown.value);
      if (used == wanted) continue;
      std::cout << service << ": " << shown.name << ": uses " << used << ", the file says " << wanted << "; "
                << config::applyText(shown.option(), &shown.value) << "\n";
      any = true;
    }
    for (const auto& [name, used] : options) {
      const auto named = config::resolve(name);
      if (!named || !receives(service, named->option()) || view.has(name)) continue;
      std::cout << service << ": " << name << ": uses " << used << ", the file does not set it; "
                << config::applyText(named->option()) << "\n";
      any = true;
    }
  }
  if (!any) std::cout << "There is no difference.\n";
  return kOk;
}

}  // namespace

int diff(Editor& editor, const Words& words) {
  const auto switches = readSwitches(words, {{"running"}});
  if (!switches.ok()) return fail(switches.error());
  const Words& rest = switches->rest;
  if (rest.size() > 2 || (switches->has("running") && !rest.empty()))
    return fail(makeError(Errc::Invalid, "diff -running or diff [N [M]], numbers of `history`"));
  // Outside of the shell there are no edits: what is of interest is what does not run yet.
  if (switches->has("running") || (rest.empty() && editor.mode() == Mode::Command))
    return diffRunning(editor);
  const auto before = rest.empty() ? Result<std::string>(editor.written()) : versionText(editor, rest[0]);
  if (!before.ok()) return fail(before.error());
  const auto after = rest.size() < 2 ? Result<std::string>(editor.text()) : versionText(editor, rest[1]);
  if (!after.ok()) return fail(after.error());
  compare(*before, *after);
  return kOk;
}

}  // namespace posthorn::msconfig
