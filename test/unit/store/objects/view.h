// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/store/objects/changes.h"
#include "common/store/objects/counts.h"
#include "common/store/objects/messages.h"
#include "test/unit/store/account/support.h"

namespace posthorn::store::test {

/// A message as JMAP shows it.
struct EmailView {
  std::uint64_t thread = 0;
  std::int64_t received = 0;
  std::uint32_t size = 0;
  std::set<Id128> mailboxes;
  SystemFlags flags = 0;
  std::set<std::string> keywords;
  bool operator==(const EmailView&) const = default;
};
struct MailboxView {
  std::string name;
  SpecialUse use = 0;
  bool subscribed = false;
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t threads = 0;
  std::uint32_t unseenThreads = 0;
  bool operator==(const MailboxView&) const = default;
};

/// The whole account by the plain functions of mailboxes, which know nothing of objects.
struct AccountView {
  std::map<Id128, EmailView> emails;
  std::map<std::uint64_t, std::set<Id128>> threads;
  std::map<Id128, MailboxView> mailboxes;
  bool operator==(const AccountView&) const = default;
};

inline void addMessages(const MailboxHandle& box, const Id128& mailboxId, AccountView& view) {
  const auto names = must(box.keywords());
  for (const MessageRow& row : rowsOf(box)) {
    if ((row.flags & kDeleted) != 0) continue;
    EmailView& email = view.emails[row.facts.emailId];
    email.thread = row.facts.threadId;
    email.received = row.facts.internalDate.seconds;
    email.size = row.facts.size;
    email.mailboxes.insert(mailboxId);
    email.flags = static_cast<SystemFlags>(email.flags | row.flags);
    for (std::size_t i = 0; i < names.size(); ++i)
      if ((row.keywords >> i & 1U) != 0) email.keywords.insert(names[i]);
    view.threads[row.facts.threadId].insert(row.facts.emailId);
  }
}

/// RFC 8621 2, word for word and slowly.
inline void countInto(AccountView& view, const Id128& id, MailboxView& mailbox,
                      const std::set<Id128>& trash) {
  const auto unread = [](const EmailView& email) { return (email.flags & (kSeen | kDraft)) == 0; };
  const auto inTrash = [&](const EmailView& email) {
    return std::any_of(email.mailboxes.begin(), email.mailboxes.end(),
                       [&](const Id128& m) { return trash.contains(m); });
  };
  const auto onlyTrash = [&](const EmailView& email) {
    return std::all_of(email.mailboxes.begin(), email.mailboxes.end(),
                       [&](const Id128& m) { return trash.contains(m); });
  };
  for (const auto& [emailId, email] : view.emails) {
    if (!email.mailboxes.contains(id)) continue;
    ++mailbox.messages;
    if (unread(email)) ++mailbox.unseen;
  }
  for (const auto& [threadId, members] : view.threads) {
    const auto here = [&](const Id128& m) { return view.emails[m].mailboxes.contains(id); };
    if (!std::any_of(members.begin(), members.end(), here)) continue;
    ++mailbox.threads;
    const bool shown = std::any_of(members.begin(), members.end(), [&](const Id128& m) {
      const EmailView& email = view.emails[m];
      return unread(email) && (trash.contains(id) ? inTrash(email) : !onlyTrash(email));
    });
    if (shown) ++mailbox.unseenThreads;
  }
}

inline AccountView viewOf(const AccountHandle& account) {
  AccountView view;
  std::set<Id128> trash;
  for (const MailboxEntry& entry : must(account.list())) {
    if (!entry.exists) continue;
    view.mailboxes[entry.status.mailboxId] = {entry.name, entry.status.specialUse, entry.subscribed, 0, 0, 0,
                                              0};
    if ((entry.status.specialUse & kUseTrash) != 0) trash.insert(entry.status.mailboxId);
    addMessages(must(account.mailbox(entry.name)), entry.status.mailboxId, view);
  }
  for (auto& [id, mailbox] : view.mailboxes) countInto(view, id, mailbox, trash);
  return view;
}

/// Any message at all, with a Message-ID of its own and maybe a parent.
inline std::string letter(unsigned number, unsigned parent = 0, const std::string& more = {}) {
  std::string text = "From: Anna Berg <anna" + std::to_string(number % 7) + "@example.org>\r\nTo: b" +
                     std::to_string(number % 5) + "@example.org\r\nSubject: Letter " +
                     std::to_string(number) + "\r\nMessage-ID: <m" + std::to_string(number) +
                     "@example.org>\r\n";
  if (parent != 0) text += "In-Reply-To: <m" + std::to_string(parent) + "@example.org>\r\n";
  return text + more + "\r\nText of letter " + std::to_string(number) + ".\r\n";
}

}  // namespace posthorn::store::test
