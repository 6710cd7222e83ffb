// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/jmap.h"

#include "common/imap/print/fetch_data.h"
#include "common/imap/types/jmap_names.h"

namespace posthorn::imap {
namespace {

constexpr View kEnd = "\r\n";

void putWords(std::string& out, const std::vector<std::string>& words) {
  out.push_back(' ');
  ListWriter list(out);
  for (const std::string& word : words) list.word(word);
  list.end();
}

void putCount(std::string& out, std::uint64_t number) {
  out.push_back(' ');
  putNumber(out, number);
}

void putLabelled(ListWriter& list, std::string& out, View label, std::uint64_t number) {
  list.word(label);
  putCount(out, number);
}

}  // namespace

void putJmap(std::string& out, const jmap::MailboxData& data, PrintOptions options) {
  out.append("* XMAILBOX ").append(data.id).push_back(' ');
  putMailbox(out, data.name.utf8, options);
  putWords(out, data.specialUses);
  out.push_back(' ');
  putAstring(out, data.rights, options);
  out.push_back(' ');
  ListWriter list(out);
  if (data.subscribed) list.word("SUBSCRIBED");
  if (data.shared) list.word("SHARED");
  putLabelled(list, out, "MESSAGES", data.messages);
  putLabelled(list, out, "UNSEEN", data.unseen);
  putLabelled(list, out, "THREADS", data.threads);
  putLabelled(list, out, "UNSEENTHREADS", data.unseenThreads);
  putLabelled(list, out, "SIZE", data.octets);
  putLabelled(list, out, "UIDVALIDITY", data.uidValidity);
  if (data.sortOrder) putLabelled(list, out, "ORDER", *data.sortOrder);
  list.end();
  out.append(kEnd);
}

void putJmap(std::string& out, const jmap::ChangesData& data, PrintOptions /*options*/) {
  out.append("* XCHANGES ").append(jmap::kDataTypeNames.of(data.type));
  putCount(out, data.oldState);
  putCount(out, data.newState);
  putWords(out, data.created);
  putWords(out, data.updated);
  putWords(out, data.destroyed);
  if (data.more) out.append(" MORE");
  if (data.countsOnly) out.append(" COUNTS");
  if (!data.after.empty()) out.append(" AFTER ").append(data.after);
  out.append(kEnd);
}

void putJmap(std::string& out, const jmap::QueryData& data, PrintOptions /*options*/) {
  out.append("* XQUERY");
  putCount(out, data.state);
  putCount(out, data.position);
  putWords(out, data.ids);
  if (data.total) {
    out.append(" TOTAL");
    putCount(out, *data.total);
  }
  out.append(kEnd);
}

void putJmap(std::string& out, const jmap::ThreadInfo& data, PrintOptions /*options*/) {
  out.append("* XTHREAD ").append(data.id);
  putWords(out, data.emails);
  out.append(kEnd);
}

void putMessageHead(std::string& out, const MessageData& data) {
  out.append("* XMESSAGE ").append(data.id).push_back(' ');
  out.append(data.threadId);
  putWords(out, data.mailboxIds);
  putWords(out, data.flags);
  putCount(out, data.octets);
  out.push_back(' ');
  putDateTime(out, data.internalDate);
  out.push_back(' ');
}

void putJmap(std::string& out, const MessageData& data, PrintOptions options) {
  putMessageHead(out, data);
  putFetchItems(out, data.items, options);
  out.append(kEnd);
}

void putJmap(std::string& out, const jmap::UpdateData& data, PrintOptions /*options*/) {
  out.append("* XUPDATED ").append(data.id).push_back(' ');
  out.append(jmap::kOutcomeNames.of(data.outcome));
  if (!data.mailboxes.empty()) putWords(out, data.mailboxes);
  out.append(kEnd);
}

void putJmap(std::string& out, const jmap::AppendedData& data, PrintOptions /*options*/) {
  out.append("* XAPPENDED ").append(data.emailId).push_back(' ');
  out.append(data.threadId);
  putCount(out, data.octets);
  putCount(out, data.state);
  out.append(kEnd);
}

}  // namespace posthorn::imap
