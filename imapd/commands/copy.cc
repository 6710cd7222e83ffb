// SPDX-License-Identifier: Apache-2.0
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

/// Nothing when the target is missing: the answer says so.
Result<std::optional<store::MailboxHandle>> targetOf(const Mail& mail, const std::string& name) {
  auto target = mail.account.mailbox(name);
  if (target.ok()) return std::optional(std::move(*target));
  if (target.error().code == Errc::NotFound) return std::optional<store::MailboxHandle>();
  return target.error();
}

Answer tryCreate() {
  Answer answer;
  answer.status = "NO";
  answer.text = "[TRYCREATE] No such mailbox";
  return answer;
}

}  // namespace

/// COPY (RFC 3501 6.4.7).
Result<Answer> commands::copy(Mail& mail, const imap::CopyArgs& args, Request request) {
  const auto messages = messagesOf(mail, args.set, request.uid);
  if (!messages.ok()) return badAnswer(messages.error().client);
  PH_TRY(const auto target, targetOf(mail, args.mailbox.utf8));
  if (!target) return tryCreate();
  PH_TRY(const auto result, mail.selected->box.copy(*messages, *target));
  Answer answer;
  if (!result.source.empty()) {
    answer.text = copyUid(result) + " Done";
    putSoftOverQuota(answer.untagged, mail);
  }
  return answer;
}

/// MOVE (RFC 6851): COPYUID comes before the EXPUNGEs, which are told as all others are.
Result<Answer> commands::move(Mail& mail, const imap::CopyArgs& args, Request request) {
  const auto messages = messagesOf(mail, args.set, request.uid);
  if (!messages.ok()) return badAnswer(messages.error().client);
  PH_CHECK(mayWrite(mail));
  PH_TRY(const auto target, targetOf(mail, args.mailbox.utf8));
  if (!target) return tryCreate();
  PH_TRY(const auto result, mail.selected->box.move(*messages, *target));
  Answer answer;
  if (!result.source.empty()) answer.untagged = "* OK " + copyUid(result) + " Moved\r\n";
  return answer;
}

}  // namespace posthorn::imapd
