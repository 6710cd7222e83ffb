// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/mime/header.h"
#include "common/mime/subject.h"
#include "test/unit/mshttpd/fake_mail_host.h"

namespace posthorn::mshttpd::backend {
namespace {

Bytes withCrlf(View text) {
  Bytes out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out.push_back('\r');
    out.push_back(text[i]);
  }
  return out;
}

std::vector<std::string> messageIdsOf(View raw) {
  std::vector<std::string> out;
  for (const char* name : {"Message-ID", "In-Reply-To", "References"}) {
    const auto value = mime::findField(raw, name);
    if (!value) continue;
    std::size_t at = 0;
    while ((at = value->find('<', at)) != View::npos) {
      const std::size_t end = value->find('>', at);
      if (end == View::npos) break;
      out.emplace_back(value->substr(at, end - at + 1));
      at = end;
    }
  }
  return out;
}

}  // namespace

FakeAccount::FakeAccount(std::string ownerName) : owner(std::move(ownerName)) {
  addMailbox("INBOX");
}

Id FakeAccount::addMailbox(const std::string& name, const std::string& use) {
  FakeMailbox made;
  made.id = "mb" + std::to_string(++lastId);
  made.name = name;
  made.use = use;
  made.created = ++modseq;
  made.subscribers.insert(owner);
  const Id id = made.id;
  mailboxes.emplace(id, std::move(made));
  return id;
}

Id FakeAccount::mailboxId(const std::string& name) const {
  for (const auto& [id, mailbox] : mailboxes) {
    if (alive(mailbox) && mailbox.name == name) return id;
  }
  return {};
}

Id FakeAccount::deliver(std::string_view raw, const Id& mailbox, std::set<std::string> flags,
                        std::int64_t receivedAt) {
  FakeEmail made;
  made.id = "e" + std::to_string(++lastId);
  made.raw = withCrlf(raw);
  made.flags = std::move(flags);
  made.mailboxes = {mailbox};
  made.date.seconds = receivedAt;
  mime::DigestMaker maker;
  maker.feed(made.raw);
  made.digest = maker.finish();
  made.created = ++modseq;
  const auto ids = messageIdsOf(made.raw);
  for (const auto& id : ids) {
    const auto found = threadOfMessageId.find(id);
    if (found != threadOfMessageId.end() && alive(threads[found->second])) made.threadId = found->second;
  }
  if (made.threadId.empty()) made.threadId = "t" + std::to_string(++lastId);
  for (const auto& id : ids) threadOfMessageId[id] = made.threadId;
  const Id id = made.id;
  const Id thread = made.threadId;
  emails.emplace(id, std::move(made));
  touchThread(thread);
  touchCounts({mailbox});
  return id;
}

void FakeAccount::setFlags(const Id& email, std::set<std::string> flags) {
  FakeEmail& changed = emails.at(email);
  if (changed.flags == flags) return;
  changed.flags = std::move(flags);
  changed.changed = ++modseq;
  touchCounts(changed.mailboxes);
}

void FakeAccount::setMailboxes(const Id& email, std::set<Id> ids) {
  FakeEmail& changed = emails.at(email);
  if (changed.mailboxes == ids) return;
  std::set<Id> touched = changed.mailboxes;
  touched.insert(ids.begin(), ids.end());
  changed.mailboxes = std::move(ids);
  changed.changed = ++modseq;
  touchCounts(touched);
}

void FakeAccount::destroy(const Id& email) {
  FakeEmail& gone = emails.at(email);
  gone.destroyed = ++modseq;
  touchCounts(gone.mailboxes);
  gone.mailboxes.clear();
  touchThread(gone.threadId);
}

std::vector<const FakeEmail*> FakeAccount::emailsOf(const Id& thread) const {
  std::vector<const FakeEmail*> out;
  for (const auto& [id, email] : emails) {
    if (alive(email) && email.threadId == thread) out.push_back(&email);
  }
  std::sort(out.begin(), out.end(), [](const FakeEmail* a, const FakeEmail* b) {
    return std::pair(a->date.seconds, a->id) < std::pair(b->date.seconds, b->id);
  });
  return out;
}

void FakeAccount::touchCounts(const std::set<Id>& mailboxIds) {
  for (const Id& id : mailboxIds) mailboxes.at(id).counted = modseq;
}

void FakeAccount::touchThread(const Id& thread) {
  FakeThread& touched = threads[thread];
  touched.id = thread;
  if (emailsOf(thread).empty()) {
    touched.destroyed = modseq;
  } else if (touched.created == 0) {
    touched.created = modseq;
  } else {
    touched.changed = modseq;
  }
}

FakeAccount& FakeMailHosts::add(const std::string& owner) {
  auto& account = accounts[owner];
  if (account == nullptr) account = std::make_shared<FakeAccount>(owner);
  return *account;
}

Result<std::unique_ptr<MailHost>> FakeMailHosts::open(const std::string& user, const std::string& owner,
                                                      const std::string& /*client*/) {
  const auto found = accounts.find(owner);
  if (found == accounts.end()) return makeError(Errc::NotFound, "no such account");
  if (user != owner) {
    const auto shared = sharedWith(user, {});
    const bool may = std::any_of(shared->begin(), shared->end(),
                                 [&](const SharedAccount& account) { return account.owner == owner; });
    if (!may) return makeError(Errc::Denied, "not shared");
  }
  return std::unique_ptr<MailHost>(std::make_unique<FakeMailHost>(found->second, user));
}

Result<std::vector<SharedAccount>> FakeMailHosts::sharedWith(const std::string& user,
                                                             const std::string& /*client*/) {
  std::vector<SharedAccount> out;
  for (const auto& [owner, account] : accounts) {
    if (owner == user) continue;
    const bool granted =
        std::any_of(account->mailboxes.begin(), account->mailboxes.end(), [&](const auto& entry) {
          const auto grant = entry.second.grants.find(user);
          return account->alive(entry.second) && grant != entry.second.grants.end() &&
                 grant->second.find('l') != std::string::npos;
        });
    if (granted) out.push_back({owner});
  }
  return out;
}

}  // namespace posthorn::mshttpd::backend
