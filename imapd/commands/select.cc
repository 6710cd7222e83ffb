// SPDX-License-Identifier: Apache-2.0
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/object_id.h"
#include "imapd/quota.h"

namespace posthorn::imapd {
namespace {

// Who has none of these is told READ-ONLY (RFC 4314 5.2): \Seen is not shared, so that s is not among them.
constexpr store::Rights kMayChange =
    store::kMayInsert | store::kMayExpunge | store::kMayWrite | store::kMayDeleteMessages;
// \Recent is the owner's: others neither see it nor take it away.
constexpr store::Uid kNothingRecent = 0xFFFF'FFFFU;

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
  PH_TRY(Found found, findMailbox(mail, args.mailbox.utf8, store::kMayRead));
  PH_TRY(auto opening, found.box.open());
  const bool own = found.own();
  Selected selected{
      .box = std::move(found.box), .name = args.mailbox.utf8, .readOnly = readOnly, .rights = found.rights};
  selected.sequence = Sequence(opening.uids);
  selected.top = selected.settled = opening.status.uidNext - 1;
  selected.shown = selected.shownGone = opening.status.highestModseq;
  selected.recentUid = own ? opening.recentUid : kNothingRecent;
  selected.keywords = std::move(opening.keywords);
  // A session that comes later must not see the same messages as \Recent (RFC 3501 2.3.2).
  // On a full disk they may, and mail can be read.
  if (own && !readOnly && selected.sequence.last() > selected.recentUid)
    static_cast<void>(selected.box.claimRecent(selected.top));
  answer.untagged += opened(selected, opening);
  putQuotaAlert(answer.untagged, mail);
  const bool changes = !readOnly && (found.rights & kMayChange) != 0;
  answer.text = changes ? "[READ-WRITE] Done" : "[READ-ONLY] Done";
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
