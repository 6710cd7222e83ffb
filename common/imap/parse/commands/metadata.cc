// SPDX-License-Identifier: Apache-2.0

// METADATA (RFC 5464), and the command of our own that changes entries only when nobody else has.

#include <algorithm>

#include "common/base/ascii.h"
#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::commands {
namespace {

/// What GETMETADATA may name besides entries when it asks for what is below.
bool isScope(View name) {
  return ascii::equal(name, "/private") || ascii::equal(name, "/shared");
}

/// The scopes without a component, and below /vendor less than three: names of nothing, but of places.
bool isPlace(View name) {
  if (isMetadataName(name) || isScope(name)) return true;
  // One or two components more make an entry's name of what stands in the vendors' tree.
  return isMetadataName(std::string(name) + "/x/y");
}

Result<std::string> entryName(Scanner& in, bool (*fits)(View)) {
  PH_TRY(std::string name, in.astring());
  if (name.size() > kMaxMetadataName) return Scanner::tooMuch("Entry name too long");
  if (!fits(name)) return Scanner::invalid("Not the name of an entry");
  return name;
}

/// MAXSIZE 1024, DEPTH infinity
Status option(Scanner& in, GetMetadataArgs& args) {
  if (in.takeWord("MAXSIZE")) {
    PH_CHECK(in.space());
    PH_TRY(args.maxSize, in.number());
    return okStatus();
  }
  if (!in.takeWord("DEPTH")) return Scanner::invalid("Unknown option");
  PH_CHECK(in.space());
  if (in.takeWord("0")) {
    args.depth = MetadataDepth::Zero;
  } else if (in.takeWord("1")) {
    args.depth = MetadataDepth::One;
  } else if (in.takeWord("infinity")) {
    args.depth = MetadataDepth::Infinity;
  } else {
    return Scanner::invalid("DEPTH is 0, 1 or infinity");
  }
  return okStatus();
}

Status options(Scanner& in, GetMetadataArgs& args) {
  PH_CHECK(in.expect('('));
  do {
    PH_CHECK(option(in, args));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return in.space();
}

/// The RFC's grammar has the options before the mailbox, its examples have them behind it; clients do both.
bool optionsFollow(const Scanner& in) {
  const View rest = in.rest();
  return rest.size() > 1 && rest[0] == '(' && ascii::isAlpha(rest[1]);
}

Status entryNames(Scanner& in, GetMetadataArgs& args) {
  const auto fits = args.depth == MetadataDepth::Zero ? isMetadataName : isPlace;
  const bool list = in.take('(');
  do {
    if (args.entries.size() == kMaxMetadataEntries) return Scanner::tooMuch("Too many entries");
    PH_TRY(std::string name, entryName(in, fits));
    args.entries.push_back(std::move(name));
  } while (list && in.take(' '));
  return list ? in.expect(')') : okStatus();
}

/// NIL, a string or a literal8.
Result<std::optional<std::string>> entryValue(Scanner& in) {
  if (in.peek() != '~') return in.nstring();
  PH_TRY(const View octets, in.literalOctets());
  return std::optional<std::string>(octets);
}

/// A name that is not in `list`.
template <typename List>
Result<std::string> newName(Scanner& in, const List& list) {
  if (list.size() == kMaxMetadataEntries) return Scanner::tooMuch("Too many entries");
  PH_TRY(std::string name, entryName(in, isMetadataName));
  if (std::any_of(list.begin(), list.end(), [&](const auto& one) { return ascii::equal(one.name, name); }))
    return Scanner::invalid("Entry given twice");
  PH_CHECK(in.space());
  return name;
}

/// The mailbox and the parenthesis behind it.
Result<MailboxName> listOf(Scanner& in) {
  PH_CHECK(in.space());
  PH_TRY(MailboxName mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  return mailbox;
}

}  // namespace

Result<Args> getMetadata(Scanner& in, UidForm /*uid*/) {
  GetMetadataArgs args;
  PH_CHECK(in.space());
  if (in.peek() == '(') PH_CHECK(options(in, args));
  PH_TRY(args.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  if (optionsFollow(in)) PH_CHECK(options(in, args));
  PH_CHECK(entryNames(in, args));
  return Args(std::move(args));
}

Result<Args> setMetadata(Scanner& in, UidForm /*uid*/) {
  SetMetadataArgs args;
  PH_TRY(args.mailbox, listOf(in));
  do {
    MetadataEntry entry;
    PH_TRY(entry.name, newName(in, args.entries));
    PH_TRY(entry.value, entryValue(in));
    args.entries.push_back(std::move(entry));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Args(std::move(args));
}

Result<Args> swapMetadata(Scanner& in, UidForm /*uid*/) {
  SwapMetadataArgs args;
  PH_TRY(args.mailbox, listOf(in));
  do {
    SwapMetadataArgs::Change change;
    PH_TRY(change.name, newName(in, args.changes));
    PH_TRY(change.before, entryValue(in));
    PH_CHECK(in.space());
    PH_TRY(change.after, entryValue(in));
    args.changes.push_back(std::move(change));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
