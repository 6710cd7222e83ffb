// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "popd/parse/command_line.h"
#include "popd/session_state.h"

namespace posthorn::popd {

class Session;

/// There is no fourth kind (design 3).
enum class Kind : std::uint8_t {
  Simple,       ///< one answer, one job at most
  Stream,       ///< an answer in windows
  Interactive,  ///< holds the input
};
/// Where a command's work is done.
enum class Place : std::uint8_t {
  Job,
  Inline,  ///< on the loop: it looks at the opening view or the session only, never at the store
};

/// One command's row.
struct CommandSpec {
  std::string_view name;  ///< upper case
  States states;
  Kind kind;
  Place place;
  void (*run)(Session& session, Arguments arguments);
};

/// All commands, sorted by name.
std::span<const CommandSpec> commandTable();

/// The row of `keyword` in any case; null for other words. Pure.
const CommandSpec* findCommand(std::string_view keyword);

}  // namespace posthorn::popd
