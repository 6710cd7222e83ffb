// SPDX-License-Identifier: Apache-2.0
#include "common/store/news.h"

#include <algorithm>
#include <utility>

#include "common/events/notifier.h"
#include "common/events/publisher.h"
#include "common/store/names.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

using events::Event;
using events::EventType;
using events::maskOf;

Event eventOf(const AccountHandle& account, EventType type) {
  Event event;
  event.type = type;
  event.owner = account.id();
  event.user = account.actor();
  return event;
}

void publish(const AccountHandle& account, Event event) {
  if (const auto* notifier = account.notifier()) notifier->publish(std::move(event));
}

/// The name that the mailbox has now; the one it was opened under if it is gone meanwhile.
std::string currentName(const MailboxHandle& box) {
  const auto snapshot = box.account().domain().snapshot();
  if (!snapshot.ok()) return box.openedAs();
  const auto known = (*snapshot)->get(nameKey('N', box.openedAs()));
  if (known.ok() && known.value() == encodeNumber(box.number())) return box.openedAs();
  std::string found = box.openedAs();
  static_cast<void>((*snapshot)->scan(key::of('N'), key::after(key::of('N')), [&](View at, View value) {
    if (value != encodeNumber(box.number())) return true;
    found = nameOfKey(at);
    return false;
  }));
  return found;
}

Event eventOf(const MailboxHandle& box, EventType type, const MailboxRecord& after) {
  Event event = eventOf(box.account(), type);
  event.mailbox = currentName(box);
  event.uidValidity = after.uidValidity;
  event.lastUid = after.uidNext - 1;
  event.numMsgs = after.messages;
  event.numSeen = after.messages - after.unseen;
  event.numDel = after.deleted;
  event.modseq = after.highestModseq;
  return event;
}

std::vector<events::EventUids> rangesOf(const std::vector<Uid>& uids) {
  std::vector<events::EventUids> ranges;
  const UidSet set = UidSet::of(uids);
  for (const UidRange& range : set.ranges()) ranges.push_back({range.first, range.last});
  return ranges;
}

/// As many events as the UIDs need.
void publishSet(const AccountHandle& account, Event event, const std::vector<Uid>& uids) {
  const auto ranges = rangesOf(uids);
  for (std::size_t at = 0; at < ranges.size(); at += events::kMaxEventRanges) {
    const std::size_t end = std::min(ranges.size(), at + events::kMaxEventRanges);
    event.uids.assign(ranges.begin() + static_cast<std::ptrdiff_t>(at),
                      ranges.begin() + static_cast<std::ptrdiff_t>(end));
    publish(account, event);
  }
}

std::vector<std::string> spell(SystemFlags flags, const std::vector<std::string>& keywords) {
  std::vector<std::string> words;
  for (const View flag : spellSystemFlags(flags)) words.emplace_back(flag);
  words.insert(words.end(), keywords.begin(), keywords.end());
  return words;
}

std::string readPart(const MessageBody& body, std::uint64_t from, std::size_t most) {
  const std::uint64_t left = body.size > from ? body.size - from : 0;
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(left, most)), '\0');
  const auto got = body.slice.read(from, text.data(), text.size());
  text.resize(got.ok() ? got.value() : 0);
  return text;
}

/// The beginning of the message's text, as far as somebody wants it.
void addPayload(const MailboxHandle& box, Uid uid, Event& event) {
  const auto* notifier = box.account().notifier();
  const auto* publisher = notifier == nullptr ? nullptr : notifier->publisher();
  if (publisher == nullptr || (publisher->maxHeader() == 0 && publisher->maxBody() == 0)) return;
  const auto body = box.body(uid);
  if (!body.ok()) return;
  event.header = readPart(body.value(), 0, std::min<std::size_t>(publisher->maxHeader(), event.hdrLen));
  event.body = readPart(body.value(), event.hdrLen, publisher->maxBody());
}

void tellEach(const MailboxHandle& box, std::span<MessageWriter> messages, std::span<const Uid> uids,
              const Event& event) {
  for (std::size_t i = 0; i < uids.size(); ++i) {
    if (uids[i] == 0) continue;
    const MessageFacts& facts = messages[i].facts();
    Event one = event;
    one.uids = {{uids[i], uids[i]}};
    one.size = facts.size;
    one.hdrLen = facts.headerLength;
    one.internalDate = facts.internalDate.seconds;
    one.flags = spell(messages[i].flags(), messages[i].keywords());
    addPayload(box, uids[i], one);
    publish(box.account(), std::move(one));
  }
}

void tellAll(const MailboxHandle& box, std::span<MessageWriter> messages, std::span<const Uid> uids,
             Event event) {
  std::vector<Uid> added;
  for (std::size_t i = 0; i < uids.size(); ++i) {
    if (uids[i] == 0) continue;
    added.push_back(uids[i]);
    event.size += messages[i].facts().size;
  }
  publishSet(box.account(), std::move(event), added);
}

}  // namespace

bool newsWanted(const AccountHandle& account, events::EventMask types) {
  const auto* notifier = account.notifier();
  return notifier != nullptr && notifier->wanted(types) != 0;
}

void tellAppended(const MailboxHandle& box, std::span<MessageWriter> messages, std::span<const Uid> uids,
                  const MailboxRecord& after) {
  const AccountHandle& account = box.account();
  const auto type = account.origin() == Origin::Delivery ? EventType::NewMsg : EventType::UpdateMsg;
  if (uids.empty() || !newsWanted(account, maskOf(type))) return;
  Event event = eventOf(box, type, after);
  if (account.origin() == Origin::Server) return tellAll(box, messages, uids, std::move(event));
  tellEach(box, messages, uids, event);
}

void tellCopied(const MailboxHandle& source, const MailboxHandle& target, const std::vector<Uid>& uids,
                const MailboxRecord& after) {
  if (uids.empty() || !newsWanted(target.account(), maskOf(EventType::CopyMsg))) return;
  Event event = eventOf(target, EventType::CopyMsg, after);
  event.oldMailbox = currentName(source);
  publishSet(target.account(), std::move(event), uids);
}

void tellGone(const MailboxHandle& box, const std::vector<Uid>& uids, bool onlyDeleted,
              const MailboxRecord& after) {
  const auto byClient = onlyDeleted ? EventType::ExpungeMsg : EventType::DeleteMsg;
  const auto type = box.account().origin() == Origin::Client ? byClient : EventType::PurgeMsg;
  if (uids.empty() || !newsWanted(box.account(), maskOf(type))) return;
  publishSet(box.account(), eventOf(box, type, after), uids);
}

void tellFlags(const MailboxHandle& box, const FlagChange& change, const FlagNews& news,
               const MailboxRecord& after) {
  const AccountHandle& account = box.account();
  const auto tell = [&](EventType type, const std::vector<Uid>& uids, events::FlagMode mode,
                        std::vector<std::string> flags) {
    if (uids.empty() || !newsWanted(account, maskOf(type))) return;
    Event event = eventOf(box, type, after);
    event.flagMode = mode;
    event.flags = std::move(flags);
    publishSet(account, std::move(event), uids);
  };
  const auto mode = change.mode == FlagChange::Mode::Add      ? events::FlagMode::Add
                    : change.mode == FlagChange::Mode::Remove ? events::FlagMode::Remove
                                                              : events::FlagMode::Replace;
  // Of what was added or removed the others have events of their own; a replacement says all there is now.
  const auto told = static_cast<SystemFlags>(
      mode == events::FlagMode::Replace ? change.flags : change.flags & ~(kSeen | kDeleted));
  tell(EventType::ReadMsg, news.read, events::FlagMode::None, {});
  tell(EventType::TrashMsg, news.trashed, events::FlagMode::None, {});
  tell(EventType::MsgFlags, news.unread, events::FlagMode::Remove, spell(kSeen, {}));
  tell(EventType::MsgFlags, news.restored, events::FlagMode::Remove, spell(kDeleted, {}));
  tell(EventType::ChangeFlag, news.other, mode, spell(told, change.keywords));
}

void tellFolder(const AccountHandle& account, events::EventType type, View name, View oldName,
                const MailboxStatus* after) {
  if (!newsWanted(account, maskOf(type))) return;
  Event event = eventOf(account, type);
  event.mailbox = name;
  event.oldMailbox = oldName;
  if (after != nullptr) {
    event.uidValidity = after->uidValidity;
    event.lastUid = after->uidNext - 1;
    event.modseq = after->highestModseq;
  }
  publish(account, std::move(event));
}

void tellFirstFolders(const AccountHandle& account) {
  if (!newsWanted(account, maskOf(EventType::CreateFolder))) return;
  const auto entries = account.list();
  if (!entries.ok()) return;
  for (const MailboxEntry& entry : entries.value())
    if (entry.exists) tellFolder(account, EventType::CreateFolder, entry.name, {}, &entry.status);
}

void tellQuotaEvent(const AccountHandle& account, QuotaNews news) {
  if (news == QuotaNews::None) return;
  const auto type = news == QuotaNews::Over ? EventType::OverQuota : EventType::UnderQuota;
  if (!newsWanted(account, maskOf(type))) return;
  Event event = eventOf(account, type);
  event.diskQuota = account.quota().bytes;
  event.messageQuota = account.quota().messages;
  if (const auto used = account.used(); used.ok()) {
    event.diskUsed = used.value().bytes;
    event.messagesUsed = used.value().messages;
  }
  publish(account, std::move(event));
}

void tellState(const AccountHandle& account, Modseq modseq) {
  if (!newsWanted(account, maskOf(EventType::StateChange))) return;
  Event event = eventOf(account, EventType::StateChange);
  event.modseq = modseq;
  publish(account, std::move(event));
}

}  // namespace posthorn::store
