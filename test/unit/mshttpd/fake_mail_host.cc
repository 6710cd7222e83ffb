// SPDX-License-Identifier: Apache-2.0
#include "test/unit/mshttpd/fake_mail_host.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::backend {
namespace {

using imap::jmap::DataType;
using imap::jmap::Update;
using imap::jmap::UpdateData;
using Outcome = UpdateData::Outcome;

constexpr std::string_view kAllRights = "lrswipkxtea";

struct Event {
  std::uint64_t modseq = 0;
  Id id;
};

bool unread(const FakeEmail& email) {
  return email.flags.count("\\Seen") == 0 && email.flags.count("\\Draft") == 0;
}

Source sourceOf(Bytes text) {
  return [text = std::move(text), done = false]() mutable -> Result<Bytes> {
    // In small windows, so that whoever joins them badly is found out.
    constexpr std::size_t kWindow = 7;
    if (done || text.empty()) return Bytes();
    Bytes window = text.substr(0, kWindow);
    text.erase(0, kWindow);
    done = text.empty();
    return window;
  };
}

}  // namespace

Status FakeMailHost::enter(std::string_view what) {
  account_->calls.emplace_back(what);
  if (!account_->refuse) return {};
  const auto error = account_->refuse(what);
  return error ? Status(*error) : Status();
}

std::string FakeMailHost::rights(const FakeMailbox& mailbox) const {
  if (user_ == account_->owner) return std::string(kAllRights);
  const auto found = mailbox.grants.find(user_);
  return found == mailbox.grants.end() ? std::string() : found->second;
}

bool FakeMailHost::may(const Id& mailbox, std::string_view wanted) const {
  const std::string mine = rights(account_->mailboxes.at(mailbox));
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](char right) { return mine.find(right) != std::string::npos; });
}

bool FakeMailHost::visible(const FakeEmail& email) const {
  return std::any_of(email.mailboxes.begin(), email.mailboxes.end(),
                     [&](const Id& id) { return may(id, "lr"); });
}

FakeMailbox* FakeMailHost::named(const std::string& name) const {
  for (auto& [id, mailbox] : account_->mailboxes) {
    if (account_->alive(mailbox) && mailbox.name == name && may(id, "l")) return &mailbox;
  }
  return nullptr;
}

imap::jmap::MailboxData FakeMailHost::told(const FakeMailbox& mailbox) const {
  imap::jmap::MailboxData out;
  out.id = mailbox.id;
  out.name = {mailbox.name};
  if (!mailbox.use.empty()) out.specialUses.push_back(mailbox.use);
  out.rights = rights(mailbox);
  out.subscribed = mailbox.subscribers.count(user_) > 0;
  out.shared = !mailbox.grants.empty();
  if (const auto order = mailbox.orders.find(user_); order != mailbox.orders.end())
    out.sortOrder = order->second;
  Id trash;
  for (const auto& [id, one] : account_->mailboxes) {
    if (account_->alive(one) && one.use == "\\Trash") trash = id;
  }
  std::set<Id> threads;
  std::set<Id> unseen;
  for (const auto& [id, email] : account_->emails) {
    if (!account_->alive(email) || email.mailboxes.count(mailbox.id) == 0) continue;
    ++out.messages;
    out.octets += email.raw.size();
    if (unread(email)) ++out.unseen;
    threads.insert(email.threadId);
  }
  for (const Id& thread : threads) {
    for (const FakeEmail* email : account_->emailsOf(thread)) {
      const bool trashed = email->mailboxes.count(trash) > 0;
      const bool counts = mailbox.id == trash ? trashed : !trashed || email->mailboxes.size() > 1;
      if (counts && unread(*email)) unseen.insert(thread);
    }
  }
  out.threads = static_cast<std::uint32_t>(threads.size());
  out.unseenThreads = static_cast<std::uint32_t>(unseen.size());
  out.uidValidity = 1;
  return out;
}

Result<State> FakeMailHost::state() {
  PH_CHECK(enter("state"));
  return std::to_string(account_->modseq);
}

Result<MailboxList> FakeMailHost::mailboxes() {
  PH_CHECK(enter("mailboxes"));
  MailboxList out;
  out.state = std::to_string(account_->modseq);
  for (const auto& [id, mailbox] : account_->mailboxes) {
    if (account_->alive(mailbox) && may(id, "l")) out.mailboxes.push_back(told(mailbox));
  }
  std::sort(out.mailboxes.begin(), out.mailboxes.end(),
            [](const auto& a, const auto& b) { return a.name.utf8 < b.name.utf8; });
  return out;
}

Result<Changes> FakeMailHost::changes(DataType type, const State& since, std::uint32_t most) {
  PH_CHECK(enter("changes"));
  const auto from = ascii::number(since);
  if (!from || *from < account_->oldest || *from > account_->modseq)
    return makeError(Errc::Conflict, "that state is not known");
  std::map<Id, FakeHistory> all;
  if (type == DataType::Email) {
    for (const auto& [id, one] : account_->emails) all.emplace(id, one);
  } else if (type == DataType::Thread) {
    for (const auto& [id, one] : account_->threads) all.emplace(id, one);
  } else {
    for (const auto& [id, one] : account_->mailboxes) all.emplace(id, one);
  }
  std::vector<Event> events;
  for (const auto& [id, one] : all) {
    for (const std::uint64_t at : {one.created, one.changed, one.counted, one.destroyed}) {
      if (at > *from) events.push_back({at, id});
    }
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.modseq < b.modseq; });
  std::uint64_t upTo = account_->modseq;
  std::set<Id> counted;
  bool more = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    counted.insert(events[i].id);
    if (most != 0 && counted.size() > most) {
      upTo = events[i].modseq - 1;
      more = true;
      break;
    }
  }
  Changes out;
  out.oldState = since;
  out.newState = std::to_string(upTo);
  out.more = more;
  out.countsOnly = type == DataType::Mailbox;
  const auto within = [&](std::uint64_t at) { return at > *from && at <= upTo; };
  for (const auto& [id, one] : all) {
    if (within(one.destroyed)) {
      if (one.created <= *from) out.destroyed.push_back(id);
    } else if (one.destroyed != 0 && one.destroyed <= *from) {
      continue;
    } else if (within(one.created)) {
      out.created.push_back(id);
    } else if (within(one.changed) || within(one.counted)) {
      out.updated.push_back(id);
      if (within(one.changed)) out.countsOnly = false;
    }
  }
  if (more && out.created.empty() && out.updated.empty() && out.destroyed.empty() && upTo <= *from)
    return makeError(Errc::Unsupported, "one change is more than that");
  return out;
}

Result<Threads> FakeMailHost::threads(std::span<const Id> ids) {
  PH_CHECK(enter("threads " + std::to_string(ids.size())));
  Threads out;
  out.state = std::to_string(account_->modseq);
  for (const Id& id : ids) {
    imap::jmap::ThreadInfo thread{id, {}};
    for (const FakeEmail* email : account_->emailsOf(id)) {
      if (visible(*email)) thread.emails.push_back(email->id);
    }
    if (thread.emails.empty()) {
      out.unknown.push_back(id);
    } else {
      out.threads.push_back(std::move(thread));
    }
  }
  return out;
}

Result<Messages> FakeMailHost::messages(std::span<const Id> ids,
                                        std::span<const imap::FetchAttribute> items) {
  PH_CHECK(enter("messages " + std::to_string(ids.size())));
  Messages out;
  out.state = std::to_string(account_->modseq);
  for (const Id& id : ids) {
    const auto found = account_->emails.find(id);
    if (found == account_->emails.end() || !account_->alive(found->second) || !visible(found->second)) {
      out.unknown.push_back(id);
      continue;
    }
    const FakeEmail& email = found->second;
    Message message;
    message.id = id;
    message.threadId = email.threadId;
    for (const Id& mailbox : email.mailboxes) {
      if (may(mailbox, "lr")) message.mailboxIds.push_back(mailbox);
    }
    message.flags.assign(email.flags.begin(), email.flags.end());
    message.octets = email.raw.size();
    message.internalDate = email.date;
    for (const auto& item : items) message.items.push_back(fakeFetch(email, item));
    out.messages.push_back(std::move(message));
  }
  return out;
}

Result<Source> FakeMailHost::text(const Id& email, const imap::Section& section, bool decoded) {
  PH_CHECK(enter("text"));
  const auto found = account_->emails.find(email);
  if (found == account_->emails.end() || !account_->alive(found->second) || !visible(found->second))
    return makeError(Errc::NotFound, "no such message");
  auto text = fakeSection(found->second, section, decoded);
  if (!text) return makeError(Errc::NotFound, "no such part");
  return sourceOf(std::move(*text));
}

UpdateData FakeMailHost::updateOne(const Update& update) {
  const auto found = account_->emails.find(update.id);
  if (found == account_->emails.end() || !account_->alive(found->second) || !visible(found->second))
    return {update.id, Outcome::NotFound, {}};
  FakeEmail& email = found->second;
  if (update.destroy) {
    for (const Id& id : email.mailboxes) {
      if (!may(id, "te")) return {update.id, Outcome::Forbidden, {}};
    }
    account_->destroy(update.id);
    return {update.id, Outcome::Destroyed, {}};
  }
  std::set<std::string> flags = email.flags;
  if (update.setFlags) flags = {update.setFlags->begin(), update.setFlags->end()};
  flags.insert(update.addFlags.begin(), update.addFlags.end());
  for (const auto& flag : update.dropFlags) {
    std::erase_if(flags, [&](const std::string& one) { return ascii::equal(one, flag); });
  }
  std::set<Id> ids = email.mailboxes;
  if (update.setMailboxes) ids = {update.setMailboxes->begin(), update.setMailboxes->end()};
  ids.insert(update.addMailboxes.begin(), update.addMailboxes.end());
  for (const Id& id : update.dropMailboxes) ids.erase(id);
  UpdateData missing{update.id, Outcome::NoMailbox, {}};
  for (const Id& id : ids) {
    const auto mailbox = account_->mailboxes.find(id);
    if (mailbox == account_->mailboxes.end() || !account_->alive(mailbox->second) || !may(id, "l"))
      missing.mailboxes.push_back(id);
  }
  if (!missing.mailboxes.empty()) return missing;
  if (ids.empty()) return {update.id, Outcome::NoMailboxLeft, {}};
  for (const Id& id : ids) {
    if (email.mailboxes.count(id) == 0 && !may(id, "i")) return {update.id, Outcome::Forbidden, {}};
  }
  for (const Id& id : email.mailboxes) {
    if (ids.count(id) == 0 && !may(id, "te")) return {update.id, Outcome::Forbidden, {}};
  }
  if (flags.size() > 100) return {update.id, Outcome::TooManyKeywords, {}};
  for (const Id& id : email.mailboxes) {
    const bool seen = (flags.count("\\Seen") > 0) != (email.flags.count("\\Seen") > 0);
    std::set<std::string> a = flags;
    std::set<std::string> b = email.flags;
    a.erase("\\Seen");
    b.erase("\\Seen");
    if ((seen && !may(id, "s")) || (a != b && !may(id, "w"))) return {update.id, Outcome::Forbidden, {}};
  }
  account_->setFlags(update.id, flags);
  account_->setMailboxes(update.id, ids);
  return {update.id, Outcome::Updated, {}};
}

Result<UpdateResult> FakeMailHost::update(const std::optional<State>& ifState,
                                          std::span<const Update> updates) {
  PH_CHECK(enter("update"));
  UpdateResult out;
  out.oldState = std::to_string(account_->modseq);
  if (ifState && *ifState != out.oldState) return makeError(Errc::Conflict, "another state");
  for (const auto& one : updates) out.outcomes.push_back(updateOne(one));
  out.newState = std::to_string(account_->modseq);
  return out;
}

Result<Appended> FakeMailHost::append(NewMessage message) {
  PH_CHECK(enter("append"));
  if (message.mailboxIds.empty()) return makeError(Errc::Invalid, "no mailbox");
  Bytes raw;
  while (true) {
    PH_TRY(const Bytes window, message.text());
    if (window.empty()) break;
    raw += window;
  }
  if (raw.size() != message.octets) return makeError(Errc::Invalid, "not as long as it was said to be");
  for (const Id& id : message.mailboxIds) {
    const auto mailbox = account_->mailboxes.find(id);
    if (mailbox == account_->mailboxes.end() || !account_->alive(mailbox->second) || !may(id, "l"))
      return makeError(Errc::NotFound, "no such mailbox");
    if (!may(id, "i")) return makeError(Errc::Denied, "no right to insert");
  }
  const State before = std::to_string(account_->modseq);
  const std::int64_t at = message.receivedAt ? message.receivedAt->seconds : 1'700'000'000;
  const Id id =
      account_->deliver(raw, message.mailboxIds[0], {message.flags.begin(), message.flags.end()}, at);
  account_->setMailboxes(id, {message.mailboxIds.begin(), message.mailboxIds.end()});
  const FakeEmail& email = account_->emails.at(id);
  return Appended{before, std::to_string(account_->modseq), id, email.threadId, email.raw.size()};
}

Result<Id> FakeMailHost::createMailbox(const NewMailbox& mailbox) {
  PH_CHECK(enter("createMailbox"));
  if (named(mailbox.name) != nullptr) return makeError(Errc::Exists, "there is one");
  const std::size_t slash = mailbox.name.rfind('/');
  if (slash != std::string::npos) {
    const FakeMailbox* parent = named(mailbox.name.substr(0, slash));
    if (parent == nullptr) return makeError(Errc::NotFound, "no parent");
    if (!may(parent->id, "k")) return makeError(Errc::Denied, "no right to create");
  } else if (user_ != account_->owner) {
    return makeError(Errc::Denied, "not yours");
  }
  const Id id = account_->addMailbox(mailbox.name, mailbox.specialUse);
  if (!mailbox.subscribed) account_->mailboxes.at(id).subscribers.clear();
  if (user_ != account_->owner) account_->mailboxes.at(id).grants[user_] = std::string(kAllRights);
  return id;
}

Status FakeMailHost::renameMailbox(const std::string& from, const std::string& to) {
  PH_CHECK(enter("renameMailbox"));
  FakeMailbox* found = named(from);
  if (found == nullptr) return makeError(Errc::NotFound, "no such mailbox");
  if (named(to) != nullptr) return makeError(Errc::Exists, "there is one");
  if (!may(found->id, "x")) return makeError(Errc::Denied, "no right to rename");
  ++account_->modseq;
  for (auto& [id, mailbox] : account_->mailboxes) {
    if (!account_->alive(mailbox)) continue;
    if (mailbox.name != from && !mailbox.name.starts_with(from + "/")) continue;
    mailbox.name = to + mailbox.name.substr(from.size());
    mailbox.changed = account_->modseq;
  }
  return {};
}

Status FakeMailHost::removeMailbox(const std::string& name, bool withMessages) {
  PH_CHECK(enter("removeMailbox"));
  FakeMailbox* found = named(name);
  if (found == nullptr) return makeError(Errc::NotFound, "no such mailbox");
  if (!may(found->id, "x")) return makeError(Errc::Denied, "no right to delete");
  std::vector<Id> inside;
  for (const auto& [id, email] : account_->emails) {
    if (account_->alive(email) && email.mailboxes.count(found->id) > 0) inside.push_back(id);
  }
  if (!inside.empty() && !withMessages) return makeError(Errc::Conflict, "not empty");
  for (const Id& id : inside) {
    std::set<Id> left = account_->emails.at(id).mailboxes;
    left.erase(found->id);
    if (left.empty()) {
      account_->destroy(id);
    } else {
      account_->setMailboxes(id, left);
    }
  }
  found->destroyed = ++account_->modseq;
  return {};
}

Status FakeMailHost::subscribe(const std::string& name, bool on) {
  PH_CHECK(enter("subscribe"));
  FakeMailbox* found = named(name);
  if (found == nullptr) return makeError(Errc::NotFound, "no such mailbox");
  if (on) {
    found->subscribers.insert(user_);
  } else {
    found->subscribers.erase(user_);
  }
  found->changed = ++account_->modseq;
  return {};
}

Status FakeMailHost::setSpecialUse(const std::string& name, const std::string& use) {
  PH_CHECK(enter("setSpecialUse"));
  if (!account_->abilities.specialUse) return makeError(Errc::Unsupported, "no special uses here");
  FakeMailbox* found = named(name);
  if (found == nullptr) return makeError(Errc::NotFound, "no such mailbox");
  found->use = use;
  found->changed = ++account_->modseq;
  return {};
}

Status FakeMailHost::setSortOrder(const std::string& name, std::optional<std::uint32_t> order) {
  PH_CHECK(enter("setSortOrder"));
  if (!account_->abilities.metadata) return makeError(Errc::Unsupported, "no order here");
  FakeMailbox* found = named(name);
  if (found == nullptr) return makeError(Errc::NotFound, "no such mailbox");
  if (order)
    found->orders[user_] = *order;
  else
    found->orders.erase(user_);
  found->changed = ++account_->modseq;
  return {};
}

Result<std::vector<Grant>> FakeMailHost::grants(const std::string& mailbox) {
  PH_CHECK(enter("grants"));
  const FakeMailbox* found = named(mailbox);
  if (found == nullptr) return makeError(Errc::NotFound, "no such mailbox");
  if (!may(found->id, "a")) return makeError(Errc::Denied, "no right to administer");
  std::vector<Grant> out{{account_->owner, std::string(kAllRights)}};
  for (const auto& [who, granted] : found->grants) out.push_back({who, granted});
  return out;
}

Status FakeMailHost::grant(const std::string& mailbox, const Grant& grant) {
  PH_CHECK(enter("grant"));
  FakeMailbox* found = named(mailbox);
  if (found == nullptr) return makeError(Errc::NotFound, "no such mailbox");
  if (!may(found->id, "a")) return makeError(Errc::Denied, "no right to administer");
  if (grant.rights.empty()) {
    found->grants.erase(grant.who);
  } else {
    found->grants[grant.who] = grant.rights;
  }
  found->changed = ++account_->modseq;
  return {};
}

Result<std::optional<std::string>> FakeMailHost::metadata(const std::string& entry) {
  PH_CHECK(enter("metadata"));
  if (!account_->abilities.metadata) return makeError(Errc::Unsupported, "no metadata here");
  const auto found = account_->metadata.find(user_ + entry);
  if (found == account_->metadata.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Status FakeMailHost::setMetadata(const std::string& entry, const std::optional<std::string>& value) {
  PH_CHECK(enter("setMetadata"));
  if (!account_->abilities.metadata) return makeError(Errc::Unsupported, "no metadata here");
  if (value) {
    account_->metadata[user_ + entry] = *value;
  } else {
    account_->metadata.erase(user_ + entry);
  }
  return {};
}

Status FakeMailHost::swapMetadata(const std::string& entry, const std::optional<std::string>& before,
                                  const std::optional<std::string>& after) {
  PH_CHECK(enter("swapMetadata"));
  if (!account_->abilities.metadata) return makeError(Errc::Unsupported, "no metadata here");
  const auto found = account_->metadata.find(user_ + entry);
  if ((found != account_->metadata.end() ? std::optional(found->second) : std::nullopt) != before)
    return makeError(Errc::Conflict, "another value");
  return setMetadata(entry, after);
}

Result<std::vector<QuotaRow>> FakeMailHost::quota() {
  PH_CHECK(enter("quota"));
  if (!account_->abilities.quota) return makeError(Errc::Unsupported, "no quota here");
  return account_->quota;
}

}  // namespace posthorn::mshttpd::backend
