// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "common/base/bytes.h"
#include "tools/deliver/lmtp/session_state.h"

namespace posthorn::deliver::lmtp {

class Session;

/// One command's row.
struct CommandSpec {
  std::string_view name;  ///< upper case
  States states;
  void (*run)(Session& session, View arguments);
};

/// All commands, sorted by name.
std::span<const CommandSpec> commandTable();

/// The row of `verb` in any case; null for other words. Pure.
const CommandSpec* findCommand(View verb);

}  // namespace posthorn::deliver::lmtp
