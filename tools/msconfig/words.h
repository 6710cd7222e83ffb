// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/names.h"
#include "common/config/snapshot.h"
#include "tools/msconfig/command.h"

namespace posthorn::msconfig {

/// A line of the shell or of a file as words: blanks part them, quotes of both kinds keep blanks, a backslash
/// takes the next sign as it is (in double quotes only before `"`, `\`, `$` and `` ` ``), # begins a comment
/// where a word would begin. Nothing is expanded. Invalid: an open quote.
Result<Words> splitLine(std::string_view line);

/// What a command line says beside its plain words.
class Switches {
 public:
  [[nodiscard]] bool has(std::string_view name) const { return given_.find(name) != given_.end(); }
  [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
  Words rest;

 private:
  friend class SwitchReader;
  std::map<std::string, std::string, std::less<>> given_;
};

/// Which switches a command has: -name or --name; those in `withValue` as -name VALUE or -name=VALUE.
struct SwitchNames {
  std::initializer_list<std::string_view> plain;
  std::initializer_list<std::string_view> withValue = {};
  bool onlyInFront =
      false;  ///< behind the first plain word nothing is a switch: values may begin with a dash
};

/// Parts switches and plain words; -- ends the switches. Invalid, with a sentence, for one that is not in
/// `names`.
Result<Switches> readSwitches(const Words& words, const SwitchNames& names);

/// Says what is wrong on standard error and returns the exit status that belongs to it.
int fail(const Error& error);

/// Says that there is no such option, with the nearest name, and returns kUsage.
int unknownName(const std::string& name);

/// The spelling of a value, passwords masked unless asked for.
std::string shownValue(const config::Option& row, const config::Value& value, bool passwords);

}  // namespace posthorn::msconfig
