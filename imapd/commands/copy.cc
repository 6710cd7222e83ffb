// SPDX-License-Identifier: Apache-2.0
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/quota.h"

namespace posthorn::imapd {
namespace {

/// COPYUID (RFC 4315 3).
std::string copyUid(const store::CopyResult& result) {
  std::string text = "[COPYUID " + std::to_string(result.uidValidity) + " ";
  putUids(text, result.source);
  text += ' ';
  putUids(text, result.target);
  return text += ']';
}

Result<store::MailboxHandle> targetOf(const Mail& mail, const std::string& name) {
  PH_TRY(Found target, findMailbox(mail, name, store::kMayInsert));
  return std::move(target.box);
}

}  // namespace

/// COPY (RFC 3501 6.4.7).
Result<Answer> commands::copy(Mail& mail, const imap::CopyArgs& args, Request request) {
  const auto messages = messagesOf(mail, args.set, request.uid);
  if (!messages.ok()) return badAnswer(messages.error().client);
  const auto target = targetOf(mail, args.mailbox.utf8);
  if (!target.ok()) return refusalOfTarget(mail, args.mailbox.utf8, target.error());
  PH_TRY(const auto result, mail.selected->box.copy(*messages, *target));
  Answer answer;
  if (!result.source.empty()) {
    answer.text = copyUid(result) + " Done";
    putSoftOverQuota(answer.untagged, target->account());
  }
  return answer;
}

/// MOVE (RFC 6851): COPYUID comes before the EXPUNGEs, which are told as all others are. It needs the rights
/// of COPY, of marking as \Deleted and of EXPUNGE (4.2).
Result<Answer> commands::move(Mail& mail, const imap::CopyArgs& args, Request request) {
  const auto messages = messagesOf(mail, args.set, request.uid);
  if (!messages.ok()) return badAnswer(messages.error().client);
  PH_CHECK(mayWrite(mail, store::kMayDeleteMessages | store::kMayExpunge));
  const auto target = targetOf(mail, args.mailbox.utf8);
  if (!target.ok()) return refusalOfTarget(mail, args.mailbox.utf8, target.error());
  PH_TRY(const auto result, mail.selected->box.move(*messages, *target));
  Answer answer;
  if (!result.source.empty()) answer.untagged = "* OK " + copyUid(result) + " Moved\r\n";
  return answer;
}

}  // namespace posthorn::imapd
