// SPDX-License-Identifier: Apache-2.0

// X-POSTHORN-JMAP; see common/imap/types/jmap.h.

#include "common/base/ascii.h"
#include "common/imap/parse/jmap.h"
#include "common/imap/parse/responses.h"
#include "common/imap/parse/values.h"
#include "common/imap/types/jmap_names.h"

namespace posthorn::imap::responses {
namespace {

Result<std::vector<jmap::Id>> ids(Scanner& in) {
  PH_CHECK(in.space());
  return parseIds(in, kMaxResponseIds);
}

Result<jmap::Id> id(Scanner& in) {
  PH_CHECK(in.space());
  return parseId(in);
}

Result<std::uint64_t> count(Scanner& in) {
  PH_CHECK(in.space());
  return in.number64();
}

Status narrow(Scanner& in, std::uint32_t& to) {
  PH_CHECK(in.space());
  PH_TRY(to, in.number());
  return okStatus();
}

Status mailboxItem(Scanner& in, jmap::MailboxData& data) {
  PH_TRY(const View name, in.atom());
  if (ascii::equal(name, "SUBSCRIBED")) {
    data.subscribed = true;
  } else if (ascii::equal(name, "SHARED")) {
    data.shared = true;
  } else if (ascii::equal(name, "MESSAGES")) {
    return narrow(in, data.messages);
  } else if (ascii::equal(name, "UNSEEN")) {
    return narrow(in, data.unseen);
  } else if (ascii::equal(name, "THREADS")) {
    return narrow(in, data.threads);
  } else if (ascii::equal(name, "UNSEENTHREADS")) {
    return narrow(in, data.unseenThreads);
  } else if (ascii::equal(name, "UIDVALIDITY")) {
    return narrow(in, data.uidValidity);
  } else if (ascii::equal(name, "ORDER")) {
    return narrow(in, data.sortOrder.emplace());
  } else if (ascii::equal(name, "SIZE")) {
    PH_TRY(data.octets, count(in));
  } else {
    return Scanner::invalid("Unknown item");
  }
  return okStatus();
}

}  // namespace

Result<Response> jmapMailbox(Scanner& in) {
  jmap::MailboxData data;
  PH_TRY(data.id, id(in));
  PH_CHECK(in.space());
  PH_TRY(data.name, parseMailbox(in));
  PH_CHECK(in.space());
  PH_TRY(data.specialUses, wordList(in));
  PH_CHECK(in.space());
  PH_TRY(data.rights, in.astring());
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  do {
    PH_CHECK(mailboxItem(in, data));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Response(std::move(data));
}

Result<Response> jmapChanges(Scanner& in) {
  jmap::ChangesData data;
  PH_CHECK(in.space());
  PH_TRY(const View word, in.atom());
  const auto type = jmap::kDataTypeNames.find(word);
  if (!type) return Scanner::invalid("Unknown type");
  data.type = *type;
  PH_TRY(data.oldState, count(in));
  PH_TRY(data.newState, count(in));
  PH_TRY(data.created, ids(in));
  PH_TRY(data.updated, ids(in));
  PH_TRY(data.destroyed, ids(in));
  while (in.take(' ')) {
    if (in.takeWord("MORE")) {
      data.more = true;
    } else if (in.takeWord("COUNTS")) {
      data.countsOnly = true;
    } else if (in.takeWord("AFTER")) {
      PH_CHECK(in.space());
      PH_TRY(data.after, parseId(in));
    } else {
      return Scanner::invalid("Unknown item");
    }
  }
  return Response(std::move(data));
}

Result<Response> jmapQuery(Scanner& in) {
  jmap::QueryData data;
  PH_TRY(data.state, count(in));
  PH_TRY(data.position, count(in));
  PH_TRY(data.ids, ids(in));
  if (in.take(' ')) {
    if (!in.takeWord("TOTAL")) return Scanner::invalid("Unknown item");
    PH_TRY(data.total, count(in));
  }
  return Response(std::move(data));
}

Result<Response> jmapThread(Scanner& in) {
  jmap::ThreadInfo data;
  PH_TRY(data.id, id(in));
  PH_TRY(data.emails, ids(in));
  return Response(std::move(data));
}

Result<Response> jmapMessage(Scanner& in) {
  MessageData data;
  PH_TRY(data.id, id(in));
  PH_TRY(data.threadId, id(in));
  PH_TRY(data.mailboxIds, ids(in));
  PH_CHECK(in.space());
  PH_TRY(data.flags, wordList(in));
  PH_TRY(data.octets, count(in));
  PH_CHECK(in.space());
  PH_TRY(data.internalDate, parseDateTime(in));
  PH_CHECK(in.space());
  PH_TRY(data.items, fetchItems(in));
  return Response(std::move(data));
}

Result<Response> jmapUpdated(Scanner& in) {
  jmap::UpdateData data;
  PH_TRY(data.id, id(in));
  PH_CHECK(in.space());
  PH_TRY(const View word, in.atom());
  const auto outcome = jmap::kOutcomeNames.find(word);
  if (!outcome) return Scanner::invalid("Unknown outcome");
  data.outcome = *outcome;
  if (!in.atEnd()) {
    PH_TRY(data.mailboxes, ids(in));
  }
  return Response(std::move(data));
}

Result<Response> jmapAppended(Scanner& in) {
  jmap::AppendedData data;
  PH_TRY(data.emailId, id(in));
  PH_TRY(data.threadId, id(in));
  PH_TRY(data.octets, count(in));
  PH_TRY(data.state, count(in));
  return Response(std::move(data));
}

}  // namespace posthorn::imap::responses
