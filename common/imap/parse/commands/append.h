// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/imap/parse/scanner.h"
#include "common/imap/types/command.h"

namespace posthorn::imap {

/// One message of APPEND up to the mark of its literal, with which the line ends.
struct AppendPart {
  AppendMessage message;
  LiteralHead head;
};

/// The blank before it, flags, date and the mark.
Result<AppendPart> parseAppendPart(Scanner& in);

}  // namespace posthorn::imap
