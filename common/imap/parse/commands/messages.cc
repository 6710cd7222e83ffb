// SPDX-License-Identifier: Apache-2.0

// Commands about sets of messages, FETCH and SEARCH apart.

#include "common/base/ascii.h"
#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::commands {

Result<Args> copy(Scanner& in, UidForm /*uid*/) {
  CopyArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.set, parseSequenceSet(in));
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  return Args(std::move(args));
}

Result<Args> expunge(Scanner& in, UidForm uid) {
  ExpungeArgs args;
  if (uid == UidForm::No) return Args(std::move(args));
  PH_CHECK(in.space());
  PH_TRY(args.uids, parseSequenceSet(in));
  return Args(std::move(args));
}

namespace {

/// (UNCHANGEDSINCE 5) and the blank after it.
Status storeModifiers(Scanner& in, StoreArgs& args) {
  if (!in.takeWord("UNCHANGEDSINCE")) return Scanner::invalid("Unknown modifier");
  PH_CHECK(in.space());
  PH_TRY(args.unchangedSince, in.number64());
  PH_CHECK(in.expect(')'));
  return in.space();
}

/// +FLAGS.SILENT
Status storeItem(Scanner& in, StoreArgs& args) {
  if (in.take('+')) {
    args.action = StoreArgs::Action::Add;
  } else if (in.take('-')) {
    args.action = StoreArgs::Action::Remove;
  }
  PH_TRY(const View name, in.name());
  args.silent = ascii::equal(name, "FLAGS.SILENT");
  if (!args.silent && !ascii::equal(name, "FLAGS")) return Scanner::invalid("Unknown data item");
  return okStatus();
}

/// flag flag, without parentheses
Result<Flags> bareFlags(Scanner& in) {
  Flags flags;
  do {
    PH_CHECK(parseFlag(in, flags));
  } while (in.take(' ') && !in.atEnd());
  return flags;
}

}  // namespace

Result<Args> store(Scanner& in, UidForm /*uid*/) {
  StoreArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.set, parseSequenceSet(in));
  PH_CHECK(in.space());
  if (in.take('(')) PH_CHECK(storeModifiers(in, args));
  PH_CHECK(storeItem(in, args));
  PH_CHECK(in.space());
  PH_TRY(args.flags, in.peek() == '(' ? parseFlagList(in) : bareFlags(in));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
