// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "common/config/manual.h"
#include "common/config/names.h"
#include "common/config/snapshot.h"
#include "common/config/value.h"
#include "tools/msconfig/commands.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

using config::kOptions;
using config::Loaded;
using config::Named;
using config::Option;
using config::Snapshot;

int unknownName(const std::string& name) {
  const std::string nearest = config::nearestName(name);
  std::cerr << "msconfig: there is no option " << ascii::printable(name);
  std::cerr << (nearest.empty() ? "; `msconfig help` lists all\n" : "; did you mean " + nearest + "?\n");
  return kUsage;
}

std::string shownValue(const Option& row, const config::Value& value, bool passwords) {
  const std::string text = config::spell(row, value);
  return row.secret() && !passwords && !text.empty() ? "********" : text;
}

namespace {

void showLine(const std::string& name, std::size_t row, const Snapshot::Cell& cell,
              const ShowOptions& options) {
  if (options.changed && !cell.isSet) return;
  if (!options.pattern.empty() && !config::matchesPattern(name, options.pattern) &&
      !config::matchesPattern(kOptions[row].legacy, options.pattern)) {
    return;
  }
  std::cout << name << ": " << shownValue(kOptions[row], cell.value, options.passwords);
  std::cout << (cell.isSet || options.changed ? "\n" : "  # default\n");
}

const Snapshot::Cell* cellOf(const Snapshot& snapshot, const Named& named) {
  if (!named.option().grouped()) return snapshot.cell(named.row);
  const auto& groups = snapshot.allGroups();
  const auto kind = groups.find(named.option().groupKind());
  if (kind == groups.end()) return nullptr;
  const auto member = kind->second.find(named.group);
  if (member == kind->second.end()) return nullptr;
  const auto cell = member->second.find(named.row);
  return cell == member->second.end() ? nullptr : &cell->second;
}

}  // namespace

int check(const std::string& file) {
  const Loaded loaded = config::load(file);
  std::cout << loaded.report();
  if (!loaded.ok()) return kConfig;
  std::cout << file << ": good\n";
  return kOk;
}

int show(const std::string& file, const ShowOptions& options) {
  const Loaded loaded = config::load(file);
  if (!loaded.ok()) {
    std::cerr << loaded.report();
    return kConfig;
  }
  ShowOptions wanted = options;
  // An old name, or one in a group, selects that one option.
  if (const auto named = config::resolve(options.pattern)) wanted.pattern = named->canonical();
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    if (const Snapshot::Cell* cell = loaded.snapshot->cell(row)) {
      showLine(std::string(kOptions[row].name), row, *cell, wanted);
    }
  }
  for (const auto& [kind, members] : loaded.snapshot->allGroups()) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells) showLine(Named{row, name, false}.canonical(), row, cell, wanted);
    }
  }
  return kOk;
}

int get(const std::string& file, const std::string& name, bool passwords) {
  const auto named = config::resolve(name);
  if (!named) return unknownName(name);
  const Loaded loaded = config::load(file);
  if (!loaded.ok()) {
    std::cerr << loaded.report();
    return kConfig;
  }
  const Snapshot::Cell* cell = cellOf(*loaded.snapshot, *named);
  const config::Value& value = cell == nullptr ? config::fallbackOf(named->row) : cell->value;
  std::cout << shownValue(named->option(), value, passwords) << "\n";
  return kOk;
}

int help(const std::string& name) {
  if (const auto named = config::resolve(name)) {
    std::cout << config::helpFor(named->option());
    return kOk;
  }
  bool any = false;
  for (const Option& row : kOptions) {
    if (row.name == name) {  // "tls:*.cert", as the list below prints it
      std::cout << config::helpFor(row);
      return kOk;
    }
    if (!name.empty() && !config::matchesPattern(row.name, name)) continue;
    std::cout << row.name << "\n    " << row.help << "\n";
    any = true;
  }
  return any ? kOk : unknownName(name);
}

int sample() {
  std::cout << config::sampleFile();
  return kOk;
}

int man() {
  std::cout << config::manualPage();
  return kOk;
}

}  // namespace posthorn::msconfig
