// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "common/config/value.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/view.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

int check(Editor& editor, const Words& words) {
  if (!words.empty()) return fail(makeError(Errc::Invalid, "check takes no words"));
  // load() also looks at the file's mode.
  const config::Loaded loaded =
      editor.unsaved() ? config::parse(editor.text(), editor.file()) : config::load(editor.file());
  std::cout << loaded.report();
  if (!loaded.ok()) return kConfig;
  std::cout << editor.file() << (editor.unsaved() ? ", with the edits: good\n" : ": good\n");
  return kOk;
}

namespace {

bool wanted(const Shown& shown, const std::string& pattern) {
  const auto named = config::resolve(pattern);
  if (named) return named->canonical() == shown.name;
  return config::matchesPattern(shown.name, pattern) ||
         config::matchesPattern(shown.option().legacy, pattern);
}

/// A name that is given in full is shown whether it is set or not.
bool asked(const Shown& shown, const Words& patterns, bool all) {
  if (patterns.empty()) return all || shown.isSet;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return wanted(shown, pattern) && (all || shown.isSet || config::resolve(pattern).has_value());
  });
}

}  // namespace

int show(Editor& editor, const Words& words) {
  const auto switches = readSwitches(words, {{"all", "changed", "passwords"}});
  if (!switches.ok()) return fail(switches.error());
  const bool all = switches->has("all") && !switches->has("changed");
  const View view(editor);
  view.reportErrors();
  std::size_t count = 0;
  for (const Shown& shown : view.all()) {
    if (!asked(shown, switches->rest, all)) continue;
    ++count;
    std::cout << shown.name << ": " << shownValue(shown.option(), shown.value, switches->has("passwords"))
              << (shown.isSet ? "\n" : "  # default\n");
  }
  if (count == 0 && !all)
    std::cerr << "msconfig: no such option is set; `show -all` lists the defaults too\n";
  return view.good() ? kOk : kConfig;
}

int get(Editor& editor, const Words& words) {
  const auto switches = readSwitches(words, {{"passwords"}});
  if (!switches.ok()) return fail(switches.error());
  if (switches->rest.size() != 1) return fail(makeError(Errc::Invalid, "get NAME"));
  const std::string& name = switches->rest.front();
  const auto named = config::resolve(name);
  if (!named) return unknownName(name);
  const View view(editor);
  if (!view.good()) {
    view.reportErrors();
    return kConfig;
  }
  const Shown shown = view.of(*named);
  std::cout << shownValue(shown.option(), shown.value, switches->has("passwords")) << "\n";
  return kOk;
}

}  // namespace posthorn::msconfig
