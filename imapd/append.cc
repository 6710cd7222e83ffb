// SPDX-License-Identifier: Apache-2.0
#include "imapd/append.h"

#include "imapd/quota.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

Answer refusalOf(const Error& error) {
  Answer answer = refusal(error);
  if (error.code == Errc::NotFound) answer.text = "[TRYCREATE] No such mailbox";
  return answer;
}

store::ZonedTime whenOf(const imap::AppendMessage& message, const Clock& clock) {
  if (message.internalDate) return {message.internalDate->seconds, message.internalDate->zoneMinutes};
  return {std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch()).count(), 0};
}

}  // namespace

void Append::announce(imap::AppendMessage message, std::uint64_t octets, bool synchronizing) {
  messages_.push_back(std::move(message));
  octets_ = octets;
  synchronizing_ = synchronizing;
}

Status Append::open(Mail& mail) {
  if (!target_) {
    PH_TRY(auto target, mail.account.mailbox(args_.mailbox.utf8));
    target_ = std::move(target);
  }
  if (writers_.size() == store::kMaxAppend)
    return Error{Errc::Limit, "messages of one APPEND", "Too many messages in one APPEND"};
  if (octets_ > mail.account.options().maxMessageSize)
    return Error{Errc::TooBig, "APPEND", "The message is too big"};
  total_ += octets_;
  PH_CHECK(mail.account.roomFor({total_, writers_.size() + 1}));
  PH_TRY(auto writer, mail.account.message(octets_));
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
                   if (self->synchronizing_) return to.answer(refusalOf(opened.error()));
                   to.discard(self->octets_, refusalOf(opened.error()));
                 });
}

void Append::take(Session& session, const std::shared_ptr<Append>& self, std::string piece,
                  std::uint64_t left) {
  session.onMail([self, piece = std::move(piece)](Mail&) { return self->writers_.back().write(piece); },
                 [self, left](Session& to, const Status& written) {
                   if (written.ok()) return to.holdMessage(self, left);
                   to.discard(left, refusalOf(written.error()));
                 });
}

Result<store::AppendResult> Append::commit(Mail& mail) {
  for (std::size_t i = 0; i < writers_.size(); ++i) {
    const imap::AppendMessage& message = messages_[i];
    const auto when = whenOf(message, mail.account.clock());
    PH_CHECK(writers_[i].finish(when, message.flags.system, message.flags.keywords));
    // A literal has none (RFC 3501 9, CHAR8); with literal8 it would be BINARY (RFC 3516).
    if (writers_[i].facts().hasNul)
      return Error{Errc::Invalid, "APPEND", "A message must not contain NUL octets"};
  }
  return target_->append(writers_);
}

void Append::finish(Session& session, const std::shared_ptr<Append>& self) {
  session.inJob([self](Mail& mail) -> Result<Window> {
    PH_TRY(const auto result, self->commit(mail));
    Answer answer;
    putSoftOverQuota(answer.untagged, mail);
    answer.text = "[APPENDUID " + std::to_string(result.uidValidity) + " ";
    putUids(answer.text, result.uids);
    answer.text += "] Done";
    return Window{{}, std::move(answer)};
  });
}

}  // namespace posthorn::imapd
