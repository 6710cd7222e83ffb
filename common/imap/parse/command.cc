// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/command.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/imap/parse/command_table.h"
#include "common/imap/parse/commands/append.h"
#include "common/imap/parse/scanner.h"

// Where this parser is more liberal than RFC 9051 §9, since clients and people need it:
//   - a line may end with LF alone, and with blanks before its end;
//   - FETCH (...) may have more blanks than one between its items and at both ends; between the arguments and
//   a
//     parenthesised tail of FETCH, SELECT, CREATE and LIST there may be several or none;
//   - the day of an APPEND's date may be one digit without a blank before it;
//   - quoted strings may hold octets over 0x7F without UTF8=ACCEPT (passwords, SEARCH CHARSET UTF-8);
//   - \Recent among the flags of APPEND and STORE is read and has no effect;
//   - ID takes () for NIL and atoms for the names of fields.

namespace posthorn::imap {
namespace {

Scanner::Options scannerOptions(const ParseOptions& options) {
  return {.utf8 = options.utf8, .maxLine = options.maxLine, .maxLiteral = options.maxLiteral};
}

/// Whether bytes are missing; what was read does not count then.
bool waits(const Scanner& in) {
  return in.need() == Scanner::Need::Line || in.need() == Scanner::Need::Literal;
}

bool refuses(const Scanner& in, const Status& status) {
  return !status.ok() || in.need() == Scanner::Need::Rest;
}

template <typename Outcome>
Outcome waiting(const Scanner& in) {
  if (in.need() == Scanner::Need::Line) return Incomplete{};
  const LiteralHead& head = in.wanted();
  return LiteralWanted{head.octets, head.synchronizing, head.begin, std::nullopt, std::nullopt};
}

Bad refusal(View bytes, const Scanner& in, View tag, const Status& status) {
  Bad bad;
  bad.tag = tag.empty() ? "*" : std::string(tag);
  bad.text = in.need() == Scanner::Need::Rest ? "Line too long" : status.error().client;
  bad.where = in.position();
  // From the beginning of the line on, lest the mark of a literal at its end be seen in part only.
  const Skipped skipped = skipRest(bytes.substr(in.lineBegin()));
  bad.consumed = in.lineBegin() + skipped.consumed;
  bad.restFollows = !skipped.done;
  bad.discard = skipped.discard;
  return bad;
}

LiteralWanted messageWanted(AppendPart part) {
  LiteralWanted wanted;
  wanted.octets = part.head.octets;
  wanted.synchronizing = part.head.synchronizing;
  wanted.begin = part.head.begin;
  wanted.message = std::move(part.message);
  return wanted;
}

/// The command's name, after "UID" if that comes first.
Result<CommandRow> readName(Scanner& in, bool& uid) {
  PH_TRY(View word, in.atom());
  uid = ascii::equal(word, "UID");
  if (uid) {
    PH_CHECK(in.space());
    PH_TRY(word, in.atom());
  }
  const auto name = commandName(word);
  if (!name || (uid && !commandRow(*name).uid)) return Scanner::invalid("Unknown command");
  return commandRow(*name);
}

/// All of a command but the end of its line.
Status readCommand(Scanner& in, Command& command) {
  PH_TRY(command.tag, in.tag());
  PH_CHECK(in.space());
  PH_TRY(const CommandRow row, readName(in, command.uid));
  command.name = row.name;
  PH_TRY(command.args, row.parse(in, command.uid ? UidForm::Yes : UidForm::No));
  return okStatus();
}

}  // namespace

ParseOutcome parseCommand(View bytes, const ParseOptions& options) {
  Scanner in(bytes, scannerOptions(options));
  Command command;
  std::optional<AppendPart> part;
  const auto read = [&]() -> Status {
    PH_CHECK(readCommand(in, command));
    if (command.name != CommandName::Append) return in.end();
    PH_TRY(part, parseAppendPart(in));
    return okStatus();
  };
  const Status status = read();
  if (waits(in)) return waiting<ParseOutcome>(in);
  if (refuses(in, status)) return refusal(bytes, in, command.tag, status);
  if (!part) return Done{std::move(command), in.lineEnd()};
  LiteralWanted wanted = messageWanted(*std::move(part));
  wanted.command = std::move(command);
  return wanted;
}

TailOutcome parseAppendTail(View bytes, const AppendMessage& last, View tag, const ParseOptions& options) {
  Scanner in(bytes, scannerOptions(options));
  std::optional<AppendPart> part;
  const auto read = [&]() -> Status {
    if (last.utf8) PH_CHECK(in.expect(')'));
    // A blank may be the beginning of one more message, or an idle one before the end.
    if (ascii::trim(in.rest()).empty()) return in.end();
    PH_TRY(part, parseAppendPart(in));
    return okStatus();
  };
  const Status status = read();
  if (waits(in)) return waiting<TailOutcome>(in);
  if (refuses(in, status)) return refusal(bytes, in, tag, status);
  if (!part) return AppendEnd{in.lineEnd()};
  return messageWanted(*std::move(part));
}

Skipped skipRest(View bytes) {
  // As much as the longest mark of a literal: its beginning must not be dropped before its end has come.
  constexpr std::size_t kKept = 32;
  const std::size_t feed = bytes.find('\n');
  if (feed == View::npos) return {.consumed = bytes.size() - std::min(bytes.size(), kKept)};
  View line = bytes.substr(0, feed);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const auto head = headAtEnd(line);
  if (!head || head->synchronizing) return {.consumed = feed + 1, .done = true};
  return {.consumed = feed + 1, .done = false, .discard = head->octets};
}

std::string tagOf(View bytes) {
  // A line of its own: the longest tag and the blank after it.
  const std::string line = std::string(bytes.substr(0, bytes.find('\n')).substr(0, kMaxTag + 1)) + "\n";
  Scanner in(line, {});
  const auto tag = in.tag();
  return tag.ok() && in.take(' ') ? std::string(*tag) : "*";
}

std::optional<SaslLine> parseSaslLine(View line) {
  line = ascii::trim(line);
  if (line == "*") return SaslLine{true, {}};
  auto octets = base64::decode(line);
  if (!octets) return std::nullopt;
  return SaslLine{false, *std::move(octets)};
}

bool isIdleDone(View line) {
  return ascii::equal(ascii::trim(line), "DONE");
}

}  // namespace posthorn::imap
