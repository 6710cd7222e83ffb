// SPDX-License-Identifier: Apache-2.0
#include "imapd/append.h"

#include "common/imap/print/jmap.h"
#include "imapd/access.h"
#include "imapd/object_id.h"
#include "imapd/quota.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

store::ZonedTime whenOf(const imap::AppendMessage& message, const Clock& clock) {
  if (message.internalDate) return {message.internalDate->seconds, message.internalDate->zoneMinutes};
  return {std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch()).count(), 0};
}

}  // namespace

void Append::announce(imap::AppendMessage message, std::uint64_t octets, bool synchronizing) {
  messages_.push_back(std::move(message));
  octets_ = octets;
  sizes_.push_back(octets);
  synchronizing_ = synchronizing;
}

Status Append::open(Mail& mail) {
  if (!target_) {
    auto target = findMailbox(mail, args_.mailbox.utf8, store::kMayInsert);
    tryCreate_ = !target.ok() && target.error().code == Errc::NotFound && mayCreate(mail, args_.mailbox.utf8);
    if (!target.ok()) return target.error();
    target_ = std::move(target->box);
  }
  const store::AccountHandle& account = target_->account();
  if (writers_.size() == store::kMaxAppend)
    return Error{Errc::Limit, "messages of one APPEND", "Too many messages in one APPEND"};
  if (octets_ > account.options().maxMessageSize)
    return Error{Errc::TooBig, "APPEND", "The message is too big"};
  total_ += octets_;
  PH_CHECK(account.roomFor({total_, writers_.size() + 1}));
  PH_TRY(auto writer, account.message(octets_));
  writers_.push_back(std::move(writer));
  return {};
}

void Append::begin(Session& session, const std::shared_ptr<Append>& self) {
  session.onMail([self](Mail& mail) { return self->open(mail); },
                 [self](Session& to, const Status& opened) {
                   if (opened.ok()) {
                     if (self->synchronizing_) to.stream().write("+ Go ahead\r\n");
                     return to.holdMessage(self, self->octets_);
                   }
                   // A client that waits for our word has sent nothing more.
                   if (self->synchronizing_) return to.answer(self->refusalOf(opened.error()));
                   to.discard(self->octets_, self->refusalOf(opened.error()));
                 });
}

void Append::take(Session& session, const std::shared_ptr<Append>& self, std::string piece,
                  std::uint64_t left) {
  session.onMail([self, piece = std::move(piece)](Mail&) { return self->writers_.back().write(piece); },
                 [self, left](Session& to, const Status& written) {
                   if (written.ok()) return to.holdMessage(self, left);
                   to.discard(left, self->refusalOf(written.error()));
                 });
}

Answer Append::refusalOf(const Error& error) const {
  Answer answer = refusal(error);
  if (tryCreate_) answer.text = "[TRYCREATE] No such mailbox";
  return answer;
}

Result<store::AppendResult> Append::commit(Mail& mail) {
  // A message may have taken long to come.
  if (target_->reader() != nullptr) {
    PH_TRY(Found target, findMailbox(mail, args_.mailbox.utf8, store::kMayInsert));
    if (target.box.number() != target_->number())
      return makeError(Errc::Conflict, "imapd: the mailbox has been replaced");
    target_ = std::move(target.box);
  }
  for (std::size_t i = 0; i < writers_.size(); ++i) {
    const imap::AppendMessage& message = messages_[i];
    const auto when = whenOf(message, mail.account.clock());
    PH_CHECK(writers_[i].finish(when, message.flags.system, message.flags.keywords));
    const bool hasNul = writers_[i].facts().hasNul;
    // RFC 3516 4.4: what FETCH BODY[] could not give back octet for octet is not taken as binary.
    unknownCte_ = message.binary && (hasNul || writers_[i].size() != sizes_[i]);
    if (unknownCte_) return makeError(Errc::Unsupported, "APPEND: octets that no line holds");
    // A literal has none (RFC 3501 9, CHAR8).
    if (hasNul) return Error{Errc::Invalid, "APPEND", "A message must not contain NUL octets"};
  }
  return target_->append(writers_);
}

Status Append::tellIds(const store::AppendResult& result, std::string& out) const {
  const auto uids = store::UidSet::of(result.uids);
  for (store::Uid from = 1; from != 0;) {
    PH_TRY(const auto window, target_->window(uids, from, store::Columns::Facts));
    from = window.next;
    for (const auto& row : window.rows) {
      const store::MessageFacts& facts = row.message.facts;
      imap::putJmap(out,
                    {emailIdText(facts.emailId), threadIdText(facts.threadId), facts.size, result.modseq});
    }
  }
  return {};
}

void Append::finish(Session& session, const std::shared_ptr<Append>& self) {
  const bool ids = session.login().proxyUser;
  session.inJob([self, ids](Mail& mail) -> Result<Window> {
    const auto result = self->commit(mail);
    if (self->unknownCte_)
      return Window{{}, Answer{{}, "NO", "[UNKNOWN-CTE] Encode binary parts, by base64 for example"}};
    if (!result.ok()) return result.error();
    Answer answer;
    // It is done, whatever becomes of the words about it.
    if (ids) static_cast<void>(self->tellIds(*result, answer.untagged));
    putSoftOverQuota(answer.untagged, self->target_->account());
    answer.text = "[APPENDUID " + std::to_string(result->uidValidity) + " ";
    putUids(answer.text, result->uids);
    answer.text += "] Done";
    return Window{{}, std::move(answer)};
  });
}

}  // namespace posthorn::imapd
