// SPDX-License-Identifier: Apache-2.0

// X-POSTHORN-JMAP; see common/imap/types/jmap.h.

#include "common/imap/parse/jmap.h"

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/imap/parse/commands/commands.h"
#include "common/imap/types/atom.h"
#include "common/imap/types/jmap_names.h"

namespace posthorn::imap::commands {
namespace {

using jmap::Filter;

/// Takes a blank and `word` if that is what comes.
bool option(Scanner& in, View word) {
  const View rest = in.rest();
  if (!rest.starts_with(' ') || !ascii::startsWith(rest.substr(1), word)) return false;
  if (rest.size() > word.size() + 1 && isAtomChar(rest[word.size() + 1])) return false;
  in.take(' ');
  return in.takeWord(word);
}

/// OWNER user; empty when another word follows.
Result<std::string> owner(Scanner& in) {
  if (!option(in, "OWNER")) return std::string();
  PH_CHECK(in.space());
  PH_TRY(std::string name, in.astring());
  if (name.empty()) return Scanner::invalid("Empty owner");
  return name;
}

class FilterReader {
 public:
  explicit FilterReader(Scanner& in) : in_(in) {}

  Result<Filter> read(std::size_t depth) {
    if (++nodes_ > kMaxJmapFilters) return Scanner::tooMuch("Too many conditions");
    if (depth > kMaxSearchDepth) return Scanner::tooMuch("Conditions nested too deeply");
    PH_CHECK(in_.expect('('));
    PH_TRY(const View word, in_.atom());
    const auto kind = jmap::kFilterNames.find(word);
    if (!kind) return Scanner::invalid("Unknown condition");
    Filter found;
    found.kind = *kind;
    PH_CHECK(in_.space());
    PH_CHECK(ofFilters(*kind) ? parts(found, depth) : operand(found));
    PH_CHECK(in_.expect(')'));
    return found;
  }

 private:
  Status parts(Filter& parent, std::size_t depth) {
    do {
      PH_TRY(Filter part, read(depth + 1));
      parent.parts.push_back(std::move(part));
    } while (in_.take(' '));
    return okStatus();
  }

  Status operand(Filter& filter) {
    if (filter.kind == Filter::Kind::InMailbox) {
      PH_TRY(jmap::Id id, parseId(in_));
      filter.ids.push_back(std::move(id));
    } else if (filter.kind == Filter::Kind::InMailboxOtherThan) {
      PH_TRY(filter.ids, parseIds(in_, kMaxJmapIds));
    } else if (jmap::ofTime(filter.kind)) {
      PH_TRY(filter.time, parseSigned(in_));
    } else if (jmap::ofNumber(filter.kind)) {
      PH_TRY(filter.number, in_.number64());
    } else if (jmap::ofKeyword(filter.kind)) {
      PH_TRY(filter.text, parseFlagName(in_));
    } else {
      return texts(filter);
    }
    return okStatus();
  }

  Status texts(Filter& filter) {
    if (filter.kind == Filter::Kind::Header) {
      PH_TRY(filter.name, in_.astring());
      PH_CHECK(in_.space());
    }
    PH_TRY(filter.text, in_.astring());
    return utf8::valid(filter.text) ? okStatus() : Scanner::invalid("Not UTF-8");
  }

  Scanner& in_;
  std::size_t nodes_ = 0;
};

Status comparator(Scanner& in, std::vector<jmap::Comparator>& sort) {
  if (sort.size() == kMaxSortKeys) return Scanner::tooMuch("Too many sort criteria");
  jmap::Comparator found;
  if (in.takeWord("REVERSE")) {
    found.ascending = false;
    PH_CHECK(in.space());
  }
  PH_TRY(const View word, in.atom());
  const auto key = jmap::kComparatorNames.find(word);
  if (!key) return Scanner::invalid("Unknown sort criterion");
  found.key = *key;
  if (jmap::ofKeyword(*key)) {
    PH_CHECK(in.space());
    PH_TRY(found.keyword, parseFlagName(in));
  }
  sort.push_back(std::move(found));
  return okStatus();
}

Status comparators(Scanner& in, std::vector<jmap::Comparator>& sort) {
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  do {
    PH_CHECK(comparator(in, sort));
  } while (in.take(' '));
  return in.expect(')');
}

Status window(Scanner& in, jmap::QueryArgs& args) {
  if (option(in, "POSITION")) {
    PH_CHECK(in.space());
    PH_TRY(args.position, parseSigned(in));
  } else if (option(in, "ANCHOR")) {
    PH_CHECK(in.space());
    PH_TRY(args.anchor, parseId(in));
    if (option(in, "OFFSET")) {
      PH_CHECK(in.space());
      PH_TRY(args.anchorOffset, parseSigned(in));
    }
  }
  if (option(in, "LIMIT")) {
    PH_CHECK(in.space());
    PH_TRY(args.limit, in.number());
  }
  args.total = option(in, "TOTAL");
  return okStatus();
}

/// FLAGS, +FLAGS and -FLAGS: (\Seen $x), also none.
Result<std::vector<std::string>> flagNames(Scanner& in) {
  std::vector<std::string> names;
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  if (in.take(')')) return names;
  do {
    if (names.size() == kMaxKeywords) return Scanner::tooMuch("Too many keywords");
    PH_TRY(std::string name, parseFlagName(in));
    names.push_back(std::move(name));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return names;
}

Result<std::vector<jmap::Id>> mailboxIds(Scanner& in) {
  PH_CHECK(in.space());
  return parseIds(in, kMaxJmapMailboxes);
}

Status flagChanges(Scanner& in, jmap::Update& update) {
  if (option(in, "FLAGS")) {
    PH_TRY(update.setFlags, flagNames(in));
    return okStatus();
  }
  if (option(in, "+FLAGS")) {
    PH_TRY(update.addFlags, flagNames(in));
  }
  if (option(in, "-FLAGS")) {
    PH_TRY(update.dropFlags, flagNames(in));
  }
  return okStatus();
}

Status mailboxChanges(Scanner& in, jmap::Update& update) {
  if (option(in, "MAILBOXES")) {
    PH_TRY(update.setMailboxes, mailboxIds(in));
    return okStatus();
  }
  if (option(in, "+MAILBOXES")) {
    PH_TRY(update.addMailboxes, mailboxIds(in));
  }
  if (option(in, "-MAILBOXES")) {
    PH_TRY(update.dropMailboxes, mailboxIds(in));
  }
  return okStatus();
}

Result<jmap::Update> update(Scanner& in) {
  jmap::Update found;
  PH_CHECK(in.expect('('));
  PH_TRY(found.id, parseId(in));
  found.destroy = option(in, "DESTROY");
  if (!found.destroy) {
    PH_CHECK(flagChanges(in, found));
    PH_CHECK(mailboxChanges(in, found));
  }
  PH_CHECK(in.expect(')'));
  return found;
}

bool ofOneCopy(const FetchAttribute& attribute) {
  using Kind = FetchAttribute::Kind;
  return attribute.kind == Kind::Uid || attribute.kind == Kind::Flags || attribute.kind == Kind::Modseq ||
         attribute.kind == Kind::SaveDate;
}

}  // namespace

Result<Args> jmapMailboxes(Scanner& in, UidForm /*uid*/) {
  jmap::MailboxesArgs args;
  PH_TRY(args.owner, owner(in));
  return Args(std::move(args));
}

Result<Args> jmapChanges(Scanner& in, UidForm /*uid*/) {
  jmap::ChangesArgs args;
  PH_TRY(args.owner, owner(in));
  PH_CHECK(in.space());
  PH_TRY(const View word, in.atom());
  const auto type = jmap::kDataTypeNames.find(word);
  if (!type) return Scanner::invalid("Unknown type");
  args.type = *type;
  PH_CHECK(in.space());
  PH_TRY(args.since, in.number64());
  if (option(in, "AFTER")) {
    PH_CHECK(in.space());
    PH_TRY(args.after, parseId(in));
  }
  if (option(in, "MAX")) {
    PH_CHECK(in.space());
    PH_TRY(args.most, in.nzNumber());
  }
  return Args(std::move(args));
}

Result<Args> jmapQuery(Scanner& in, UidForm /*uid*/) {
  jmap::QueryArgs args;
  PH_TRY(args.owner, owner(in));
  if (option(in, "FILTER")) {
    PH_CHECK(in.space());
    PH_TRY(args.filter, FilterReader(in).read(0));
  }
  if (option(in, "SORT")) PH_CHECK(comparators(in, args.sort));
  args.collapseThreads = option(in, "COLLAPSE");
  PH_CHECK(window(in, args));
  return Args(std::move(args));
}

Result<Args> jmapThreads(Scanner& in, UidForm /*uid*/) {
  jmap::ThreadsArgs args;
  PH_TRY(args.owner, owner(in));
  PH_CHECK(in.space());
  PH_TRY(args.ids, parseIds(in, kMaxJmapIds));
  return Args(std::move(args));
}

Result<Args> jmapMessages(Scanner& in, UidForm /*uid*/) {
  jmap::MessagesArgs args;
  PH_TRY(args.owner, owner(in));
  PH_CHECK(in.space());
  PH_TRY(args.ids, parseIds(in, kMaxJmapIds));
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  if (in.take(')')) return Args(std::move(args));
  PH_CHECK(parseFetchAttributes(in, args.attributes));
  for (const FetchAttribute& attribute : args.attributes)
    if (ofOneCopy(attribute)) return Scanner::invalid("Data item of a mailbox");
  return Args(std::move(args));
}

Result<Args> jmapUpdate(Scanner& in, UidForm /*uid*/) {
  jmap::UpdateArgs args;
  PH_TRY(args.owner, owner(in));
  if (option(in, "IFSTATE")) {
    PH_CHECK(in.space());
    PH_TRY(args.ifState, in.number64());
  }
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  if (in.take(')')) return Args(std::move(args));
  do {
    if (args.updates.size() == kMaxJmapUpdates) return Scanner::tooMuch("Too many updates");
    PH_TRY(jmap::Update next, update(in));
    args.updates.push_back(std::move(next));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
