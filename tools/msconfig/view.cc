// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/view.h"

#include <algorithm>
#include <iostream>
#include <map>

#include "common/config/document.h"
#include "common/config/text.h"
#include "common/config/value.h"
#include "common/config/yaml.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

using config::kOptions;
using config::Named;

std::string legacyName(const Shown& shown) {
  std::string legacy(shown.option().legacy);
  if (legacy.empty()) return shown.name;
  const std::size_t star = config::positionOf(legacy, '*');
  if (star == legacy.size()) return legacy;
  const std::size_t behind = shown.option().groupSuffix().size();
  const std::size_t kind = shown.option().groupKind().size() + 1;
  return legacy.replace(star, 1, shown.name.substr(kind, shown.name.size() - behind - kind));
}

std::string legacyValue(const Shown& shown, bool passwords) {
  const config::Option& row = shown.option();
  if (row.type == config::Type::Size) return std::to_string(std::get<std::int64_t>(shown.value));
  if (row.type == config::Type::Duration) {
    const std::int64_t seconds = std::get<std::chrono::seconds>(shown.value).count();
    if (seconds % config::secondsIn(row.unit) == 0)
      return std::to_string(seconds / config::secondsIn(row.unit));
  }
  return shownValue(row, shown.value, passwords);
}

View::View(const Editor& editor) : loaded_(config::parse(editor.text(), editor.file())) {
  const config::Document document = config::judge(config::yaml::parse(editor.text()).root);
  std::map<std::string, const config::Setting*> settings;
  for (const config::Setting& setting : document.settings) settings[setting.named.canonical()] = &setting;

  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    if (kOptions[row].grouped()) continue;
    Shown shown{std::string(kOptions[row].name), row, config::fallbackOf(row), false, 0};
    if (const auto setting = settings.find(shown.name); setting != settings.end()) {
      shown.value = setting->second->value;
      shown.isSet = true;
      shown.line = setting->second->line;
    }
    // Paths made whole and the like.
    if (loaded_.ok()) shown.value = loaded_.snapshot->cell(row)->value;
    all_.push_back(std::move(shown));
  }
  for (const auto& [name, setting] : settings) {
    const Named& named = setting->named;
    if (!named.option().grouped()) continue;
    Shown shown{name, named.row, setting->value, true, setting->line};
    if (loaded_.ok()) {
      const auto& members = loaded_.snapshot->allGroups().find(named.option().groupKind())->second;
      shown.value = members.at(named.group).at(named.row).value;
    }
    all_.push_back(std::move(shown));
  }
}

void View::reportErrors() const {
  for (const config::Finding& finding : loaded_.findings) {
    if (!loaded_.ok() && finding.severity == config::Severity::Error)
      std::cerr << finding.describe(loaded_.file) << "\n";
  }
}

bool View::has(const std::string& name) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Shown& shown) { return shown.name == name; });
}

Shown View::of(const Named& named) const {
  const std::string name = named.canonical();
  for (const Shown& shown : all_) {
    if (shown.name == name) return shown;
  }
  return Shown{name, named.row, config::fallbackOf(named.row), false, 0};
}

}  // namespace posthorn::msconfig
