// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"
#include "common/imap/types/names.h"

namespace posthorn::imap::commands {
namespace {

Status pattern(Scanner& in, ListArgs& args) {
  if (args.patterns.size() == kMaxPatterns) return Scanner::tooMuch("Too many patterns");
  PH_TRY(const std::string raw, in.listMailbox());
  PH_TRY(std::string decoded, decodeName(raw, in.utf8()));
  args.patterns.push_back(std::move(decoded));
  return okStatus();
}

Status reference(Scanner& in, ListArgs& args) {
  PH_TRY(const std::string raw, in.astring());
  PH_TRY(args.reference, decodeName(raw, in.utf8()));
  return okStatus();
}

Status selectOption(Scanner& in, ListArgs& args) {
  PH_TRY(const View name, in.name());
  const auto option = kListSelectNames.find(name);
  if (!option) return Scanner::invalid("Unknown selection option");
  args.selecting.add(*option);
  return okStatus();
}

Status selectOptions(Scanner& in, ListArgs& args) {
  if (in.take(')')) return okStatus();
  do {
    PH_CHECK(selectOption(in, args));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  const bool base = args.selecting.has(ListSelect::Subscribed) || args.selecting.has(ListSelect::SpecialUse);
  if (args.selecting.has(ListSelect::RecursiveMatch) && !base)
    return Scanner::invalid("RECURSIVEMATCH needs another selection option");
  return okStatus();
}

Status returnOption(Scanner& in, ListArgs& args) {
  PH_TRY(const View name, in.name());
  const auto option = kListReturnNames.find(name);
  if (!option) return Scanner::invalid("Unknown return option");
  args.returning.add(*option);
  if (*option != ListReturn::Status) return okStatus();
  PH_CHECK(in.space());
  PH_TRY(args.statusItems, parseStatusItems(in));
  return okStatus();
}

Status returnOptions(Scanner& in, ListArgs& args) {
  if (!in.takeWord("RETURN")) return Scanner::invalid("Too many arguments");
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  if (in.take(')')) return okStatus();
  do {
    PH_CHECK(returnOption(in, args));
  } while (in.take(' '));
  return in.expect(')');
}

Status patterns(Scanner& in, ListArgs& args) {
  if (!in.take('(')) return pattern(in, args);
  args.extended = true;
  do {
    PH_CHECK(pattern(in, args));
  } while (in.take(' '));
  return in.expect(')');
}

}  // namespace

Result<Args> list(Scanner& in, UidForm /*uid*/) {
  ListArgs args;
  PH_CHECK(in.space());
  if (in.take('(')) {
    args.extended = true;
    PH_CHECK(selectOptions(in, args));
    PH_CHECK(in.space());
  }
  PH_CHECK(reference(in, args));
  PH_CHECK(in.space());
  PH_CHECK(patterns(in, args));
  in.skipBlanks();
  if (in.atEnd()) return Args(std::move(args));
  args.extended = true;
  PH_CHECK(returnOptions(in, args));
  return Args(std::move(args));
}

Result<Args> lsub(Scanner& in, UidForm /*uid*/) {
  ListArgs args;
  PH_CHECK(in.space());
  PH_CHECK(reference(in, args));
  PH_CHECK(in.space());
  PH_CHECK(pattern(in, args));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
