// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/config/registry.h"

namespace posthorn::config {

/// What a name in the file or on the command line means.
struct Named {
  std::size_t row = kNoRow;
  std::string group;  ///< the member's name for "partition:NAME.path"
  bool legacy = false;

  /// "pop.port", "partition:primary.path".
  [[nodiscard]] std::string canonical() const;
  [[nodiscard]] const Option& option() const { return kOptions[row]; }
};

/// The option that `name` means: a new or an old name, groups as kind:NAME.rest or (nested in YAML)
/// kind.NAME.rest.
std::optional<Named> resolve(std::string_view name);

/// The known name most like `name`, or empty when none is near.
std::string nearestName(std::string_view name);

/// Whether options begin with `prefix` and a dot or colon: an empty section of the file is not an unknown
/// key.
bool isSection(std::string_view prefix);

/// * matches anything; a pattern without * also matches all names that begin with it and a dot or colon.
bool matchesPattern(std::string_view name, std::string_view pattern);

}  // namespace posthorn::config
