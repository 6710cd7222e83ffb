// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "common/config/edit.h"
#include "common/config/manual.h"
#include "common/config/value.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/running.h"
#include "tools/msconfig/view.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

void line(const std::string& label, const std::string& text) {
  std::cout << "  " << label << std::string(label.size() < 11 ? 11 - label.size() : 1, ' ') << text << "\n";
}

std::string orEmpty(const std::string& text) {
  return text.empty() ? "(empty)" : text;
}

std::string placeOf(const Editor& editor, const Shown& shown, const config::Named& named) {
  if (!shown.isSet) return "the default: the file does not set it";
  const std::string comment = config::commentOf(editor.text(), named);
  return editor.file() + ":" + std::to_string(shown.line) +
         (editor.unsaved() ? " with the unsaved edits" : "") + (comment.empty() ? "" : "  # " + comment);
}

std::string receiversOf(const config::Option& row) {
  std::string names;
  for (std::size_t i = 0; i < config::kServices; ++i) {
    const auto service = static_cast<config::Service>(i);
    if ((row.to & config::only(service)) != 0)
      names += (names.empty() ? "" : ", ") + std::string(config::nameOf(service));
  }
  return names.empty() ? "master alone" : "master and the workers of " + names;
}

/// What those use who are handed the option, and whether it is what the file says.
void sayRunning(const View& view, const Shown& shown) {
  const config::Option& row = shown.option();
  if (!view.good()) return;
  if (row.secret()) return line("Running:", "is not told of passwords");
  const auto running = askRunning(*view.loaded().snapshot);
  if (!running.ok()) {
    return line("Running:", running.error().code == Errc::NotFound ? "nothing runs" : running.error().text);
  }
  bool any = false;
  for (const auto& [name, options] : *running) {
    if (!receives(name, row)) continue;
    any = true;
    const auto found = options.find(shown.name);
    const std::string used = found == options.end() ? std::string(row.fallback) : found->second;
    const bool same = used == config::spell(row, shown.value);
    line("Running:",
         name + " uses " + orEmpty(used) + (same ? "" : "; " + config::applyText(row, &shown.value)));
  }
  if (!any) line("Running:", "no service that is started is handed it");
}

void sayChecks(const View& view, const std::string& name) {
  for (const config::Finding& finding : view.loaded().findings) {
    if (finding.option == name) line("Check:", finding.describe(view.loaded().file));
  }
}

}  // namespace

int explain(Editor& editor, const Words& words) {
  if (words.size() != 1) return fail(makeError(Errc::Invalid, "explain NAME"));
  const auto named = config::resolve(words.front());
  if (!named) return unknownName(words.front());
  const View view(editor);
  view.reportErrors();
  const Shown shown = view.of(*named);
  const config::Option& row = shown.option();
  std::cout << shown.name << "\n  " << row.help << "\n";
  if (!row.more.empty()) std::cout << "  " << row.more << "\n";
  line("Value:", orEmpty(shownValue(row, shown.value, false)));
  line("From:", placeOf(editor, shown, *named));
  line("Default:", orEmpty(std::string(row.fallback)));
  line("Takes:", config::expectation(row));
  line("Old name:", row.legacy.empty() ? "none" : legacyName(shown));
  line("Goes to:", receiversOf(row));
  line("Change:", config::applyText(row));
  sayRunning(view, shown);
  sayChecks(view, shown.name);
  if (!row.deprecatedSince.empty())
    line("Deprecated:", "since " + std::string(row.deprecatedSince) + ", use " + std::string(row.replacedBy));
  if (!row.actsLater.empty()) line("Not yet:", std::string(row.actsLater));
  return view.good() ? kOk : kConfig;
}

}  // namespace posthorn::msconfig
