// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"

#include <algorithm>
#include <array>

#include "common/base/ascii.h"
#include "common/imap/print/fetch_data.h"
#include "common/imap/print/jmap.h"
#include "common/imap/types/names.h"
#include "common/imap/types/response_code.h"

namespace posthorn::imap {
namespace {

constexpr View kEnd = "\r\n";

/// The text of a status response, which must be there and on one line.
void putText(std::string& out, View text, View otherwise) {
  if (text.empty()) text = otherwise;
  for (const char c : text) out.push_back(ascii::isControl(c) ? ' ' : c);
}

void putDelimiter(std::string& out, std::optional<char> delimiter) {
  if (!delimiter) {
    out.append("NIL");
  } else {
    putQuoted(out, View(&*delimiter, 1));
  }
}

void putWordList(std::string& out, const std::vector<std::string>& words) {
  ListWriter list(out);
  for (const std::string& word : words) list.word(word);
  list.end();
}

void putNamespaceEntries(std::string& out, const std::vector<NamespaceData::Entry>& entries,
                         PrintOptions options) {
  if (entries.empty()) {
    out.append("NIL");
    return;
  }
  out.push_back('(');
  for (const NamespaceData::Entry& entry : entries) {
    out.push_back('(');
    // namespace-response wants strings: no atoms here (RFC 2342 §5).
    std::string encoded;
    putMailbox(encoded, entry.prefix, options);
    if (encoded.empty() || (encoded.front() != '"' && encoded.front() != '{')) {
      putQuoted(out, encoded);
    } else {
      out.append(encoded);
    }
    out.push_back(' ');
    putDelimiter(out, entry.delimiter);
    out.push_back(')');
  }
  out.push_back(')');
}

/// How many answers each message has.
std::vector<std::uint32_t> childCounts(const std::vector<ThreadNode>& nodes) {
  std::vector<std::uint32_t> counts(nodes.size());
  std::vector<std::size_t> ancestors;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    ancestors.resize(std::min<std::size_t>(ancestors.size(), nodes[i].depth));
    if (!ancestors.empty()) ++counts[ancestors.back()];
    ancestors.push_back(i);
  }
  return counts;
}

}  // namespace

View toString(Condition condition) {
  constexpr std::array<View, 5> kNames{"OK", "NO", "BAD", "PREAUTH", "BYE"};
  return kNames[static_cast<std::size_t>(condition)];
}

void putStatus(std::string& out, View tag, Condition condition, const ResponseCode& code, View text) {
  constexpr std::array<View, 5> kUsual{"Done", "Failed", "Error", "Ready", "Bye"};
  out.append(tag);
  out.push_back(' ');
  out.append(toString(condition));
  out.push_back(' ');
  putCode(out, code);
  if (code.kind != ResponseCode::Kind::None) out.push_back(' ');
  putText(out, text, kUsual[static_cast<std::size_t>(condition)]);
  out.append(kEnd);
}

void putContinue(std::string& out, View text) {
  out.append("+ ");
  putText(out, text, "");
  out.append(kEnd);
}

void putNumberData(std::string& out, NumberData::Kind kind, std::uint32_t number) {
  constexpr std::array<View, 3> kNames{" EXISTS\r\n", " RECENT\r\n", " EXPUNGE\r\n"};
  out.append("* ");
  putNumber(out, number);
  out.append(kNames[static_cast<std::size_t>(kind)]);
}

void putVanished(std::string& out, const std::vector<SequenceRange>& uids, bool earlier) {
  if (uids.empty()) return;
  out.append(earlier ? "* VANISHED (EARLIER) " : "* VANISHED ");
  putRanges(out, uids);
  out.append(kEnd);
}

void putSearch(std::string& out, const SearchData& data) {
  out.append(data.sorted ? "* SORT" : "* SEARCH");
  for (const std::uint32_t number : data.numbers) {
    out.push_back(' ');
    putNumber(out, number);
  }
  if (data.modseq) {
    out.append(" (MODSEQ ");
    putNumber(out, *data.modseq);
    out.push_back(')');
  }
  out.append(kEnd);
}

void putEsearch(std::string& out, const EsearchData& data) {
  const auto putItem = [&](View name, std::uint64_t value) {
    out.append(name);
    putNumber(out, value);
  };
  out.append("* ESEARCH");
  if (!data.tag.empty()) {
    out.append(" (TAG ");
    putQuoted(out, data.tag);
    out.push_back(')');
  }
  if (data.uid) out.append(" UID");
  if (data.min) putItem(" MIN ", *data.min);
  if (data.max) putItem(" MAX ", *data.max);
  if (data.count) putItem(" COUNT ", *data.count);
  if (data.all && !data.all->ranges.empty()) {
    out.append(" ALL ");
    putSequenceSet(out, *data.all);
  }
  if (data.modseq) putItem(" MODSEQ ", *data.modseq);
  out.append(kEnd);
}

// (3 6 (4 23)(44 7 96)): an only answer stands beside its message, several have parentheses of their own, and
// so has whatever follows a missing parent.
void putThread(std::string& out, const ThreadData& data) {
  const auto counts = childCounts(data.nodes);
  std::vector<std::uint32_t> open;  // the depths at which a parenthesis is open
  bool ownParentheses = true;       // for an answer to the node before
  out.append("* THREAD");
  for (std::size_t i = 0; i < data.nodes.size(); ++i) {
    const ThreadNode& node = data.nodes[i];
    bool grouped = ownParentheses || node.depth == 0 || node.number == 0;
    while (!open.empty() && open.back() >= node.depth) {
      out.push_back(')');
      open.pop_back();
      grouped = true;
    }
    if (i == 0 || ascii::isDigit(out.back())) out.push_back(' ');
    if (grouped) {
      out.push_back('(');
      open.push_back(node.depth);
    }
    if (node.number != 0) putNumber(out, node.number);
    ownParentheses = counts[i] != 1 || node.number == 0;
  }
  out.append(open.size(), ')');
  out.append(kEnd);
}

void putCapability(std::string& out, const CapabilityData& data) {
  out.append(data.enabled ? "* ENABLED" : "* CAPABILITY");
  for (const std::string& name : data.names) {
    out.push_back(' ');
    out.append(name);
  }
  out.append(kEnd);
}

void putFlagsData(std::string& out, const FlagsData& data) {
  out.append("* FLAGS ");
  putWordList(out, data.flags);
  out.append(kEnd);
}

void putList(std::string& out, const ListData& data, PrintOptions options) {
  out.append(data.lsub ? "* LSUB " : "* LIST ");
  putWordList(out, data.attributes);
  out.push_back(' ');
  putDelimiter(out, data.delimiter);
  out.push_back(' ');
  putMailbox(out, data.mailbox.utf8, options);
  if (!data.childInfo.empty() || data.oldName) {
    out.push_back(' ');
    ListWriter extended(out);
    if (!data.childInfo.empty()) {
      extended.word("CHILDINFO ");
      ListWriter children(out);
      for (const std::string& option : data.childInfo) putQuoted(children.next(), option);
      children.end();
    }
    if (data.oldName) {
      extended.word("OLDNAME (");
      putMailbox(out, *data.oldName, options);
      out.push_back(')');
    }
    extended.end();
  }
  out.append(kEnd);
}

void putStatusData(std::string& out, const StatusData& data, PrintOptions options) {
  out.append("* STATUS ");
  putMailbox(out, data.mailbox.utf8, options);
  out.push_back(' ');
  ListWriter list(out);
  for (const auto& [item, value] : data.numbers) {
    list.word(kStatusItemNames.of(item));
    out.push_back(' ');
    putNumber(out, value);
  }
  if (data.noAppendLimit) list.word("APPENDLIMIT NIL");
  if (!data.mailboxId.empty()) {
    list.word("MAILBOXID (");
    out.append(data.mailboxId);
    out.push_back(')');
  }
  list.end();
  out.append(kEnd);
}

void putNamespace(std::string& out, const NamespaceData& data, PrintOptions options) {
  out.append("* NAMESPACE ");
  putNamespaceEntries(out, data.personal, options);
  out.push_back(' ');
  putNamespaceEntries(out, data.others, options);
  out.push_back(' ');
  putNamespaceEntries(out, data.shared, options);
  out.append(kEnd);
}

void putIdFields(std::string& out,
                 const std::vector<std::pair<std::string, std::optional<std::string>>>& fields,
                 PrintOptions options) {
  if (fields.empty()) {
    out.append("NIL");
    return;
  }
  ListWriter list(out);
  for (const auto& [name, value] : fields) {
    putString(list.next(), name, options);
    out.push_back(' ');
    putNstring(out, value, options);
  }
  list.end();
}

void putId(std::string& out, const IdData& data, PrintOptions options) {
  out.append("* ID ");
  putIdFields(out, data.fields, options);
  out.append(kEnd);
}

namespace {

/// One overload a kind of response.
struct Printer {
  std::string& out;
  PrintOptions options;

  void operator()(const StatusResponse& r) { putStatus(out, r.tag, r.condition, r.code, r.text); }
  void operator()(const ContinueResponse& r) { putContinue(out, r.text); }
  void operator()(const CapabilityData& r) { putCapability(out, r); }
  void operator()(const FlagsData& r) { putFlagsData(out, r); }
  void operator()(const ListData& r) { putList(out, r, options); }
  void operator()(const StatusData& r) { putStatusData(out, r, options); }
  void operator()(const SearchData& r) { putSearch(out, r); }
  void operator()(const EsearchData& r) { putEsearch(out, r); }
  void operator()(const ThreadData& r) { putThread(out, r); }
  void operator()(const NamespaceData& r) { putNamespace(out, r, options); }
  void operator()(const IdData& r) { putId(out, r, options); }
  void operator()(const QuotaData& r) { putQuota(out, r, options); }
  void operator()(const QuotaRootData& r) { putQuotaRoot(out, r, options); }
  void operator()(const AclData& r) { putAcl(out, r, options); }
  void operator()(const ListRightsData& r) { putListRights(out, r, options); }
  void operator()(const MyRightsData& r) { putMyRights(out, r, options); }
  void operator()(const MetadataData& r) { putMetadata(out, r, options); }
  void operator()(const JmapAccessData& r) { putJmapAccess(out, r); }
  void operator()(const NumberData& r) { putNumberData(out, r.kind, r.number); }
  void operator()(const VanishedData& r) { putVanished(out, r.uids.ranges, r.earlier); }
  void operator()(const FetchData& r) { putFetchData(out, r, options); }
  void operator()(const MessageData& r) { putJmap(out, r, options); }
  void operator()(const jmap::AppendedData& r) { putJmap(out, r, options); }
  void operator()(const jmap::ChangesData& r) { putJmap(out, r, options); }
  void operator()(const jmap::MailboxData& r) { putJmap(out, r, options); }
  void operator()(const jmap::QueryData& r) { putJmap(out, r, options); }
  void operator()(const jmap::ThreadInfo& r) { putJmap(out, r, options); }
  void operator()(const jmap::UpdateData& r) { putJmap(out, r, options); }
  void operator()(const OtherData& r) { out.append("* ").append(r.text).append(kEnd); }
};

}  // namespace

void putResponse(std::string& out, const Response& response, PrintOptions options) {
  std::visit(Printer{out, options}, response);
}

}  // namespace posthorn::imap
