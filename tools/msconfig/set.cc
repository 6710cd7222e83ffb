// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "common/config/manual.h"
#include "common/config/value.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

std::string report(const Edit& edit) {
  const config::Option& row = edit.named.option();
  std::string text = edit.named.canonical();
  if (edit.value) {
    const auto value = config::parseValue(row, *edit.value);
    text += ": " + (value.ok() ? shownValue(row, *value, false) : "");
    text += "\n  " + config::applyText(row, value.ok() ? &*value : nullptr) + "\n";
  } else if (edit.comment) {
    return text + (edit.comment->empty() ? ": the comment is taken away\n" : ": has the comment now\n");
  } else {
    text += " is taken out; the default is " + (row.fallback.empty() ? "empty" : std::string(row.fallback));
    text += "\n  " + config::applyText(row, &config::fallbackOf(edit.named.row)) + "\n";
  }
  if (edit.value && !row.actsLater.empty()) text += "  not yet: " + std::string(row.actsLater) + "\n";
  return text;
}

int applyAll(Editor& editor, const std::vector<Edit>& edits) {
  const Status done = editor.apply(edits);
  if (!done.ok()) return fail(done.error());
  for (const Edit& edit : edits) editor.say(report(edit));
  return kOk;
}

}  // namespace

int set(Editor& editor, const Words& words) {
  const auto switches = readSwitches(words, {{"restricted"}, {"comment"}, true});
  if (!switches.ok()) return fail(switches.error());
  const Words& rest = switches->rest;
  const auto comment = switches->value("comment");
  // A comment alone: set -comment TEXT NAME.
  if (rest.empty() || (rest.size() % 2 != 0 && !(comment && rest.size() == 1))) {
    std::cerr << "msconfig: set NAME VALUE [NAME VALUE]...; a value with blanks needs quotes\n";
    return kUsage;
  }
  std::vector<Edit> edits;
  for (std::size_t i = 0; i < rest.size(); i += 2) {
    const auto named = config::resolve(rest[i]);
    if (!named) return unknownName(rest[i]);
    Edit edit{*named, std::nullopt, comment};
    if (i + 1 < rest.size()) edit.value = rest[i + 1];
    edits.push_back(std::move(edit));
  }
  return applyAll(editor, edits);
}

int unset(Editor& editor, const Words& words) {
  if (words.empty()) {
    std::cerr << "msconfig: unset NAME...\n";
    return kUsage;
  }
  std::vector<Edit> edits;
  for (const std::string& name : words) {
    const auto named = config::resolve(name);
    if (!named) return unknownName(name);
    edits.push_back(Edit{*named, std::nullopt, std::nullopt});
  }
  return applyAll(editor, edits);
}

}  // namespace posthorn::msconfig
