// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/config/finding.h"
#include "common/config/names.h"
#include "common/config/snapshot.h"
#include "common/config/yaml.h"

namespace posthorn::config {

/// One leaf of the file: the keys that lead to it, joined by dots, and its node. The pointers live as long as
/// the tree.
struct Leaf {
  std::string path;
  const yaml::Piece* value = nullptr;
  const yaml::Piece* key = nullptr;
  const yaml::Piece* map = nullptr;  ///< the map that holds it
};

/// All leaves in the order of the file; findings get duplicate keys and things that are not keys and values.
std::vector<Leaf> leavesOf(const yaml::Piece& root, Findings& findings);

/// A leaf that is an option with a good value.
struct Setting {
  Named named;
  Value value;
  int line = 0;
};

/// What a tree says, judged row by row: unknown names, options set twice, values that do not fit.
struct Document {
  std::vector<Setting> settings;
  Findings findings;
};
Document judge(const yaml::Piece& root);

/// The value as one text, for messages: items of a sequence with blanks between.
Result<Value> valueOf(const Option& row, const yaml::Piece& node);

}  // namespace posthorn::config
