// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/object_id.h"
#include "imapd/quota.h"

namespace posthorn::imapd {
namespace {

void putOk(std::string& out, View code, const std::string& value, View text) {
  out.append("* OK [").append(code).append(" ").append(value).append("] ").append(text).append("\r\n");
}

/// The untagged responses of RFC 3501 6.3.1, with HIGHESTMODSEQ (RFC 7162) and MAILBOXID (RFC 8474).
std::string opened(const Selected& box, const store::MailboxOpening& opening) {
  std::string out;
  putFlagResponses(out, box);
  out.append("* ").append(std::to_string(box.sequence.count())).append(" EXISTS\r\n");
  out.append("* ").append(std::to_string(box.sequence.countAbove(box.recentUid))).append(" RECENT\r\n");
  if (opening.firstUnseen != 0)
    putOk(out, "UNSEEN", std::to_string(box.sequence.number(opening.firstUnseen)), "First unseen");
  putOk(out, "UIDVALIDITY", std::to_string(opening.status.uidValidity), "UIDs valid");
  putOk(out, "UIDNEXT", std::to_string(opening.status.uidNext), "Predicted next UID");
  putOk(out, "HIGHESTMODSEQ", std::to_string(opening.status.highestModseq), "Highest");
  putOk(out, "MAILBOXID", "(" + mailboxIdText(opening.status.mailboxId) + ")", "Mailbox id");
  return out;
}

Result<Answer> open(Mail& mail, const imap::SelectArgs& args, bool readOnly) {
  Answer answer;
  if (mail.selected) {
    leave(mail);
    if (mail.features.condstore) answer.untagged = "* OK [CLOSED] Previous mailbox is closed\r\n";
  }
  if (args.condstore) mail.features.condstore = true;
  PH_TRY(auto box, mail.account.mailbox(args.mailbox.utf8));
  PH_TRY(auto opening, box.open());
  Selected selected{.box = std::move(box), .name = args.mailbox.utf8, .readOnly = readOnly};
  selected.sequence = Sequence(opening.uids);
  selected.top = selected.settled = opening.status.uidNext - 1;
  selected.shown = selected.shownGone = opening.status.highestModseq;
  selected.recentUid = opening.recentUid;
  selected.keywords = std::move(opening.keywords);
  // A session that comes later must not see the same messages as \Recent (RFC 3501 2.3.2).
  // On a full disk they may, and mail can be read.
  if (!readOnly && selected.sequence.last() > selected.recentUid)
    static_cast<void>(selected.box.claimRecent(selected.top));
  answer.untagged += opened(selected, opening);
  putQuotaAlert(answer.untagged, mail);
  answer.text = readOnly ? "[READ-ONLY] Done" : "[READ-WRITE] Done";
  mail.selected = std::move(selected);
  return answer;
}

}  // namespace

/// SELECT (RFC 3501 6.3.1).
Result<Answer> commands::select(Mail& mail, const imap::SelectArgs& args, Request request) {
  static_cast<void>(request);
  return open(mail, args, false);
}

/// EXAMINE (RFC 3501 6.3.2).
Result<Answer> commands::examine(Mail& mail, const imap::SelectArgs& args, Request request) {
  static_cast<void>(request);
  return open(mail, args, true);
}

}  // namespace posthorn::imapd
