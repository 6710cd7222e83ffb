// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/config/names.h"
#include "common/config/snapshot.h"

namespace posthorn::msconfig {

class Editor;

/// One option with the value that it has.
struct Shown {
  std::string name;
  std::size_t row = config::kNoRow;
  config::Value value;
  bool isSet = false;
  int line = 0;  ///< of the text; 0 when it is not set

  [[nodiscard]] const config::Option& option() const { return config::kOptions[row]; }
};

/// The older name of an option, its new one when it has none.
std::string legacyName(const Shown& shown);
/// The value as the older tool spelled it: numbers without a unit. Passwords are masked unless asked for.
std::string legacyValue(const Shown& shown, bool passwords);

/// All options as the text with its unsaved edits has them, in the order of the tables. A text with faults
/// shows what it sets well; defaults that depend on other options are then as they are written in the tables.
class View {
 public:
  explicit View(const Editor& editor);

  [[nodiscard]] bool good() const { return loaded_.ok(); }
  [[nodiscard]] const config::Loaded& loaded() const { return loaded_; }
  /// The errors on standard error, nothing when it is good.
  void reportErrors() const;

  [[nodiscard]] const std::vector<Shown>& all() const { return all_; }
  /// False for options of groups that are not set.
  [[nodiscard]] bool has(const std::string& name) const;
  /// The option's value, also one of a group that does not set it.
  [[nodiscard]] Shown of(const config::Named& named) const;

 private:
  config::Loaded loaded_;
  std::vector<Shown> all_;
};

}  // namespace posthorn::msconfig
