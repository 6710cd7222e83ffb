// SPDX-License-Identifier: Apache-2.0

// Commands about one or two mailboxes as such.

#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::commands {
namespace {

/// USE (\Drafts \Sent)
Result<std::vector<std::string>> specialUses(Scanner& in) {
  constexpr std::size_t kMaxUses = 16;
  std::vector<std::string> uses;
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  if (in.take(')')) return uses;
  do {
    if (uses.size() == kMaxUses) return Scanner::tooMuch("Too many special uses");
    PH_CHECK(in.expect('\\'));
    PH_TRY(const View name, in.atom());
    uses.push_back("\\" + std::string(name));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return uses;
}

}  // namespace

Result<Args> mailbox(Scanner& in, UidForm /*uid*/) {
  MailboxArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  return Args(std::move(args));
}

Result<Args> create(Scanner& in, UidForm /*uid*/) {
  CreateArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  in.skipBlanks();
  if (in.atEnd()) return Args(std::move(args));
  PH_CHECK(in.expect('('));
  if (!in.takeWord("USE")) return Scanner::invalid("Unknown parameter");
  PH_TRY(args.use, specialUses(in));
  PH_CHECK(in.expect(')'));
  return Args(std::move(args));
}

Result<Args> rename(Scanner& in, UidForm /*uid*/) {
  RenameArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.from, parseMailbox(in));
  PH_CHECK(in.space());
  PH_TRY(args.to, parseMailbox(in));
  return Args(std::move(args));
}

Result<Args> status(Scanner& in, UidForm /*uid*/) {
  StatusArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  PH_TRY(args.items, parseStatusItems(in));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
