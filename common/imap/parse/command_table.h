// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/imap/parse/scanner.h"
#include "common/imap/types/command.h"

namespace posthorn::imap {

/// Whether a command comes after UID.
enum class UidForm : std::uint8_t { No, Yes };

/// One command's grammar: from after its name to before the end of the line. What it gives is the alternative
/// of Args that belongs to the command.
using ArgsParser = Result<Args> (*)(Scanner& in, UidForm uid);

struct CommandRow {
  CommandName name;
  bool uid;  ///< there is a UID form of it
  ArgsParser parse;
};

const CommandRow& commandRow(CommandName name);

}  // namespace posthorn::imap
