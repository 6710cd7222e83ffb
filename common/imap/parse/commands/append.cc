// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/commands/append.h"

#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap {

Result<AppendPart> parseAppendPart(Scanner& in) {
  AppendPart part;
  PH_CHECK(in.space());
  if (in.peek() == '(') {
    PH_TRY(part.message.flags, parseFlagList(in));
    PH_CHECK(in.space());
  }
  if (in.peek() == '"') {
    PH_TRY(part.message.internalDate, parseDateTime(in));
    PH_CHECK(in.space());
  }
  if (in.takeWord("UTF8")) {
    part.message.utf8 = true;
    PH_CHECK(in.space());
    PH_CHECK(in.expect('('));
  }
  PH_TRY(part.head, in.literalHead());
  part.message.binary = part.head.binary;
  if (part.message.utf8 && !part.message.binary) return Scanner::invalid("UTF8 needs a literal8");
  return part;
}

namespace commands {

/// Up to the first message: parseCommand() goes on with parseAppendPart().
Result<Args> append(Scanner& in, UidForm /*uid*/) {
  AppendArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  return Args(std::move(args));
}

}  // namespace commands
}  // namespace posthorn::imap
