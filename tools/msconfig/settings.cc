// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/settings.h"

#include "common/config/yaml.h"

namespace posthorn::msconfig {

Settings settingsOf(std::string_view text) {
  const config::yaml::Tree tree = config::yaml::parse(text);
  Settings settings;
  if (!tree.findings.empty()) return settings;
  for (config::Setting& setting : config::judge(tree.root).settings) {
    const std::string name = setting.named.canonical();
    settings.emplace(name, std::move(setting));
  }
  return settings;
}

std::vector<std::string> differing(const Settings& a, const Settings& b) {
  std::vector<std::string> names;
  for (const auto& [name, setting] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second.value != setting.value) names.push_back(name);
  }
  for (const auto& [name, setting] : b) {
    if (a.find(name) == a.end()) names.push_back(name);
  }
  return names;
}

}  // namespace posthorn::msconfig
