// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "common/imap/types/command.h"
#include "imapd/sync.h"

namespace posthorn::imapd {

class Session;

/// The states of RFC 3501 3, as bits.
using States = std::uint8_t;
inline constexpr States kNotAuthenticated = 1;
inline constexpr States kAuthenticated = 2;
inline constexpr States kSelected = 4;
inline constexpr States kLoggedIn = kAuthenticated | kSelected;
inline constexpr States kAnyState = kNotAuthenticated | kLoggedIn;

/// There is no fourth kind (design 3).
enum class Kind : std::uint8_t {
  Simple,       ///< one answer, one job at most
  Stream,       ///< an answer in windows
  Interactive,  ///< holds the input
};

/// One command's row.
struct CommandSpec {
  imap::CommandName name;
  States states;
  Kind kind;
  SyncPolicy sync;  ///< what its answer carries along; a UID command always may say EXPUNGE
  void (*run)(Session& session, imap::Command&& command);  ///< takes apart what it needs of the command
};

/// All commands, sorted by name.
std::span<const CommandSpec> commandTable();
/// Null for a command that the grammar knows and this server does not offer. Pure.
const CommandSpec* findCommand(imap::CommandName name);

}  // namespace posthorn::imapd
