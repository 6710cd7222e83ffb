// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "common/base/ascii.h"
#include "common/imap/parse/responses.h"
#include "common/imap/parse/values.h"
#include "common/imap/types/names.h"

namespace posthorn::imap::responses {

Result<std::vector<std::string>> wordList(Scanner& in) {
  PH_CHECK(in.expect('('));
  std::vector<std::string> words;
  in.skipBlanks();
  while (!in.take(')')) {
    const View word = in.flagWord();
    if (word.empty()) return Scanner::invalid("Missing word");
    words.emplace_back(word);
    in.skipBlanks();
  }
  return words;
}

namespace {

Result<Response> capabilityNames(Scanner& in, bool enabled) {
  CapabilityData data;
  data.enabled = enabled;
  while (in.take(' ') && !in.atEnd()) {
    PH_TRY(const View name, in.atom());
    data.names.emplace_back(name);
  }
  return Response(std::move(data));
}

Result<Response> capability(Scanner& in) {
  return capabilityNames(in, false);
}

Result<Response> enabled(Scanner& in) {
  return capabilityNames(in, true);
}

Result<Response> flags(Scanner& in) {
  FlagsData data;
  PH_CHECK(in.space());
  PH_TRY(data.flags, wordList(in));
  return Response(std::move(data));
}

Result<std::optional<char>> delimiter(Scanner& in) {
  PH_TRY(const auto text, in.nstring());
  if (!text) return std::optional<char>();
  if (text->size() != 1) return Scanner::invalid("Not a delimiter");
  return std::optional<char>(text->front());
}

/// ("CHILDINFO" ("SUBSCRIBED") OLDNAME (x)), after the first parenthesis; what is unknown is dropped.
Status listExtension(Scanner& in, ListData& data) {
  do {
    PH_TRY(const std::string tag, in.astring());
    PH_CHECK(in.space());
    if (ascii::equal(tag, "OLDNAME")) {
      PH_CHECK(in.expect('('));
      PH_TRY(const MailboxName name, parseMailbox(in));
      PH_CHECK(in.expect(')'));
      data.oldName = name.utf8;
      continue;
    }
    PH_TRY(const Value found, value(in));
    if (!ascii::equal(tag, "CHILDINFO")) continue;
    for (const Value& item : found.items) data.childInfo.push_back(item.text);
  } while (in.take(' '));
  return in.expect(')');
}

Result<Response> listData(Scanner& in, bool lsub) {
  ListData data;
  data.lsub = lsub;
  PH_CHECK(in.space());
  PH_TRY(data.attributes, wordList(in));
  PH_CHECK(in.space());
  PH_TRY(data.delimiter, delimiter(in));
  PH_CHECK(in.space());
  PH_TRY(data.mailbox, parseMailbox(in));
  in.skipBlanks();
  if (in.take('(')) PH_CHECK(listExtension(in, data));
  return Response(std::move(data));
}

Result<Response> list(Scanner& in) {
  return listData(in, false);
}

Result<Response> lsub(Scanner& in) {
  return listData(in, true);
}

Status statusValue(Scanner& in, StatusItem item, StatusData& data) {
  if (item == StatusItem::MailboxId) {
    PH_CHECK(in.expect('('));
    PH_TRY(const View id, in.atom());
    data.mailboxId = id;
    return in.expect(')');
  }
  if (item == StatusItem::AppendLimit && in.takeWord("NIL")) {
    data.noAppendLimit = true;
    return okStatus();
  }
  PH_TRY(const std::uint64_t number, in.number64());
  data.numbers.emplace_back(item, number);
  return okStatus();
}

Result<Response> status(Scanner& in) {
  StatusData data;
  PH_CHECK(in.space());
  PH_TRY(data.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  in.skipBlanks();
  while (!in.take(')')) {
    PH_TRY(const View name, in.atom());
    PH_CHECK(in.space());
    const auto item = kStatusItemNames.find(name);
    if (!item) return Scanner::invalid("Unknown status item");
    PH_CHECK(statusValue(in, *item, data));
    in.skipBlanks();
  }
  return Response(std::move(data));
}

Result<Response> numbers(Scanner& in, bool sorted) {
  SearchData data;
  data.sorted = sorted;
  while (in.take(' ') && !in.atEnd()) {
    if (in.take('(')) {
      if (!in.takeWord("MODSEQ")) return Scanner::invalid("Unknown search data");
      PH_CHECK(in.space());
      PH_TRY(data.modseq, in.number64());
      PH_CHECK(in.expect(')'));
      continue;
    }
    PH_TRY(const std::uint32_t number, in.nzNumber());
    data.numbers.push_back(number);
  }
  return Response(std::move(data));
}

Result<Response> search(Scanner& in) {
  return numbers(in, false);
}

Result<Response> sort(Scanner& in) {
  return numbers(in, true);
}

Status esearchItem(Scanner& in, EsearchData& data) {
  PH_TRY(const View name, in.name());
  if (ascii::equal(name, "UID")) {
    data.uid = true;
    return okStatus();
  }
  PH_CHECK(in.space());
  if (ascii::equal(name, "MIN")) {
    PH_TRY(data.min, in.nzNumber());
  } else if (ascii::equal(name, "MAX")) {
    PH_TRY(data.max, in.nzNumber());
  } else if (ascii::equal(name, "COUNT")) {
    PH_TRY(data.count, in.number64());
  } else if (ascii::equal(name, "ALL")) {
    PH_TRY(data.all, parseSequenceSet(in, SetForm::NumbersOnly));
  } else if (ascii::equal(name, "MODSEQ")) {
    PH_TRY(data.modseq, in.number64());
  } else {
    return Scanner::invalid("Unknown search data");
  }
  return okStatus();
}

Result<Response> esearch(Scanner& in) {
  EsearchData data;
  in.take(' ');
  if (in.take('(')) {
    if (!in.takeWord("TAG")) return Scanner::invalid("Unknown correlator");
    PH_CHECK(in.space());
    PH_TRY(data.tag, in.astring());
    PH_CHECK(in.expect(')'));
    in.take(' ');
  }
  while (!in.atEnd()) {
    PH_CHECK(esearchItem(in, data));
    if (!in.take(' ')) break;
  }
  return Response(std::move(data));
}

/// (3 6 (4 23)(44 7 96)): a parenthesis branches off, and what follows its end is where it began.
Result<Response> thread(Scanner& in) {
  ThreadData data;
  std::vector<std::uint32_t> open;
  std::uint32_t depth = 0;
  bool fresh = false;  // a parenthesis was opened just now
  in.skipBlanks();
  while (!in.atEnd()) {
    if (in.take('(')) {
      if (fresh) data.nodes.push_back({0, depth++});
      open.push_back(depth);
      fresh = true;
    } else if (!open.empty() && in.take(')')) {
      if (fresh) return Scanner::invalid("Empty thread");
      depth = open.back();
      open.pop_back();
    } else if (!open.empty() && ascii::isDigit(in.peek())) {
      PH_TRY(const std::uint32_t number, in.nzNumber());
      data.nodes.push_back({number, depth++});
      fresh = false;
    } else {
      return Scanner::invalid("Not a thread");
    }
    in.skipBlanks();
  }
  if (!open.empty()) return Scanner::invalid("Missing )");
  return Response(std::move(data));
}

Result<std::vector<NamespaceData::Entry>> namespaceEntries(Scanner& in) {
  std::vector<NamespaceData::Entry> entries;
  PH_CHECK(in.space());
  if (in.takeWord("NIL")) return entries;
  PH_CHECK(in.expect('('));
  while (!in.take(')')) {
    NamespaceData::Entry entry;
    PH_CHECK(in.expect('('));
    PH_TRY(const std::string raw, in.astring());
    PH_TRY(entry.prefix, decodeName(raw, in.utf8()));
    PH_CHECK(in.space());
    PH_TRY(entry.delimiter, delimiter(in));
    while (in.take(' ')) {
      PH_TRY(const Value extension, value(in));
      static_cast<void>(extension);
    }
    PH_CHECK(in.expect(')'));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<Response> namespaces(Scanner& in) {
  NamespaceData data;
  PH_TRY(data.personal, namespaceEntries(in));
  PH_TRY(data.others, namespaceEntries(in));
  PH_TRY(data.shared, namespaceEntries(in));
  return Response(std::move(data));
}

Result<Response> id(Scanner& in) {
  IdData data;
  PH_CHECK(in.space());
  if (in.takeWord("NIL")) return Response(std::move(data));
  PH_CHECK(in.expect('('));
  do {
    PH_TRY(std::string name, in.string());
    PH_CHECK(in.space());
    PH_TRY(auto text, in.nstring());
    data.fields.emplace_back(std::move(name), std::move(text));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Response(std::move(data));
}

Result<Response> vanished(Scanner& in) {
  VanishedData data;
  PH_CHECK(in.space());
  if (in.take('(')) {
    if (!in.takeWord("EARLIER")) return Scanner::invalid("Unknown modifier");
    data.earlier = true;
    PH_CHECK(in.expect(')'));
    PH_CHECK(in.space());
  }
  PH_TRY(data.uids, parseSequenceSet(in, SetForm::NumbersOnly));
  return Response(std::move(data));
}

struct Row {
  View name;
  Result<Response> (*read)(Scanner& in);
};
constexpr std::array<Row, 27> kRows{{{"ACL", acl},
                                     {"CAPABILITY", capability},
                                     {"ENABLED", enabled},
                                     {"ESEARCH", esearch},
                                     {"FLAGS", flags},
                                     {"ID", id},
                                     {"JMAPACCESS", jmapAccess},
                                     {"LIST", list},
                                     {"LISTRIGHTS", listRights},
                                     {"LSUB", lsub},
                                     {"METADATA", metadata},
                                     {"MYRIGHTS", myRights},
                                     {"NAMESPACE", namespaces},
                                     {"QUOTA", quota},
                                     {"QUOTAROOT", quotaRoot},
                                     {"SEARCH", search},
                                     {"SORT", sort},
                                     {"STATUS", status},
                                     {"THREAD", thread},
                                     {"VANISHED", vanished},
                                     {"XAPPENDED", jmapAppended},
                                     {"XCHANGES", jmapChanges},
                                     {"XMAILBOX", jmapMailbox},
                                     {"XMESSAGE", jmapMessage},
                                     {"XQUERY", jmapQuery},
                                     {"XTHREAD", jmapThread},
                                     {"XUPDATED", jmapUpdated}}};

}  // namespace

Result<Response> untagged(Scanner& in) {
  for (const Row& row : kRows)
    if (in.takeWord(row.name)) return row.read(in);
  OtherData data;
  PH_TRY(const View text, in.remainder());
  data.text = text;
  return Response(std::move(data));
}

}  // namespace posthorn::imap::responses
