// SPDX-License-Identifier: Apache-2.0
#include "common/store/hash_index.h"
#include "common/store/mailbox.h"
#include "common/store/message_record.h"
#include "common/store/news.h"
#include "common/store/ops.h"
#include "common/store/reader.h"

namespace posthorn::store {

namespace {

std::int64_t secondsNow(const AccountHandle& account) {
  return std::chrono::duration_cast<std::chrono::seconds>(account.clock().wall().time_since_epoch()).count();
}

Status putUidl(Edit& edit, const OpenBox& box, Uid uid, const std::string& uidl) {
  if (uidl.empty()) return {};
  PH_TRY(auto* slot, edit.uidls(box.number, uid >> kColdShift));
  edit.touch(slot);
  slot->value.put(static_cast<std::uint8_t>(uid % kColdUids), uidl);
  return {};
}

}  // namespace

Result<Uid> appendOne(Edit& edit, const OpenBox& box, MessageWriter& message, std::uint64_t keywords,
                      std::int64_t now, const Reader* reader) {
  const Modseq modseq = box.record->highestModseq;
  ColdEntry cold;
  cold.facts = message.facts();
  cold.facts.saveDate = now;
  cold.facts.createdModseq = modseq;
  cold.bodyOffset = kBodyOffset;
  cold.importedUidl = !message.uidl().empty();
  PH_TRY(cold.facts.threadId, assignThread(edit, *box.user, message.ids()));
  PH_TRY(cold.blob, edit.batch().attach(message.blob()));
  SystemFlags flags = message.flags();
  if (reader != nullptr) flags = static_cast<SystemFlags>(flags & reader->flags() & ~kSeen);
  PH_TRY(const Uid uid, addMessage(edit, box, {modseq, flags, keywords}, cold));
  if (reader != nullptr && (message.flags() & reader->flags() & kSeen) != 0)
    PH_CHECK(SeenEdit(edit, box.number, *reader).mark(uid, modseq));
  PH_CHECK(putUidl(edit, box, uid, message.uidl()));
  const auto place = packPlace(box.number, uid);
  PH_CHECK(kEmailIds.add(edit, box.user->emailIds, indexKey(cold.facts.emailId), place));
  PH_CHECK(kThreads.add(edit, box.user->threads, cold.facts.threadId, place));
  return uid;
}

namespace {

QuotaUse useOf(std::span<MessageWriter> messages) {
  QuotaUse use;
  for (const auto& message : messages) use.bytes += message.facts().size;
  use.messages = messages.size();
  return use;
}

}  // namespace

Result<AppendResult> appendBehind(const MailboxHandle& box, std::span<MessageWriter> messages,
                                  const AppendGate& gate) {
  if (messages.empty()) return makeError(Errc::Invalid, "store: nothing to append");
  if (messages.size() > kMaxAppend) return makeError(Errc::Limit, "store: too many messages in one append");
  for (const auto& message : messages)
    if (!message.finished()) return makeError(Errc::Invalid, "store: append of an unfinished message");
  const std::int64_t now = secondsNow(box.account());
  AppendResult result;
  MailboxRecord after;
  const auto done = commitSome(box.account(), Sync::Durable, [&](Edit& edit) -> Status {
    result = AppendResult{};
    PH_TRY(const OpenBox open, openBox(edit, box));
    PH_TRY(const bool goOn, gate(edit, open, useOf(messages)));
    if (!goOn) return {};
    KeywordMapper mapper(edit, open.number);
    std::vector<std::uint64_t> keywords;
    const Reader* reader = box.reader();
    for (const auto& message : messages) {
      std::uint64_t bits = 0;
      if (reader == nullptr || reader->mayUseKeywords()) {
        PH_TRY(bits, mapper.bits(message.keywords()));
      }
      keywords.push_back(bits);
    }
    result.modseq = stamp(open);
    result.uidValidity = open.record->uidValidity;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      PH_TRY(const Uid uid, appendOne(edit, open, messages[i], keywords[i], now, reader));
      result.uids.push_back(uid);
    }
    after = *open.record;
    return {};
  });
  if (!done.ok()) {
    if (done.error().code == Errc::OverQuota) tellQuotaEvent(box.account(), QuotaNews::Over);
    return done.error();
  }
  tellAppended(box, messages, result.uids, after);
  return result;
}

Result<AppendResult> MailboxHandle::append(std::span<MessageWriter> messages, QuotaPolicy policy) {
  return appendBehind(*this, messages, [&](Edit&, const OpenBox& box, const QuotaUse& more) -> Result<bool> {
    if (policy == QuotaPolicy::Enforce) PH_CHECK(checkRoom(account_, box.user->used, more));
    return true;
  });
}

}  // namespace posthorn::store
