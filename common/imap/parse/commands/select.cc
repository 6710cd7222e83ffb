// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::commands {
namespace {

std::uint64_t countOf(const SequenceSet& set) {
  std::uint64_t count = 0;
  for (const SequenceRange& range : set.ranges) count += std::uint64_t{range.last} - range.first + 1;
  return count;
}

bool ascends(const SequenceSet& set) {
  std::uint32_t before = 0;
  for (const SequenceRange& range : set.ranges) {
    if (range.first <= before || range.last < range.first) return false;
    before = range.last;
  }
  return true;
}

/// (1:5 11:15)
Result<QresyncArgs::Match> sequenceMatch(Scanner& in) {
  QresyncArgs::Match match;
  PH_CHECK(in.expect('('));
  PH_TRY(match.numbers, parseSequenceSet(in, SetForm::NumbersOnly));
  PH_CHECK(in.space());
  PH_TRY(match.uids, parseSequenceSet(in, SetForm::NumbersOnly));
  PH_CHECK(in.expect(')'));
  if (!ascends(match.numbers) || !ascends(match.uids) || countOf(match.numbers) != countOf(match.uids))
    return Scanner::invalid("Sequence numbers and UIDs do not match");
  return match;
}

/// (67890007 20050715194045000 41,43:211 (1:3 41,43:44))
Result<QresyncArgs> qresync(Scanner& in) {
  QresyncArgs args;
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  PH_TRY(args.uidValidity, in.nzNumber());
  PH_CHECK(in.space());
  PH_TRY(args.modseq, in.number64());
  if (args.modseq == 0) return Scanner::invalid("MODSEQ is 0");
  if (in.take(' ') && in.peek() != '(') {
    PH_TRY(args.knownUids, parseSequenceSet(in, SetForm::NumbersOnly));
    in.take(' ');
  }
  if (in.peek() == '(') {
    PH_TRY(args.match, sequenceMatch(in));
  }
  PH_CHECK(in.expect(')'));
  return args;
}

Status parameter(Scanner& in, SelectArgs& args) {
  if (in.takeWord("CONDSTORE")) {
    args.condstore = true;
    return okStatus();
  }
  if (!in.takeWord("QRESYNC")) return Scanner::invalid("Unknown parameter");
  if (args.qresync) return Scanner::invalid("QRESYNC given twice");
  PH_TRY(args.qresync, qresync(in));
  return okStatus();
}

}  // namespace

Result<Args> select(Scanner& in, UidForm /*uid*/) {
  SelectArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  in.skipBlanks();
  if (in.atEnd()) return Args(std::move(args));
  PH_CHECK(in.expect('('));
  do {
    PH_CHECK(parameter(in, args));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
