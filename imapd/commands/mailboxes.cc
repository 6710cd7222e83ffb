// SPDX-License-Identifier: Apache-2.0
// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: one call of the store each.
#include "imapd/commands/commands.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {

/// CREATE (RFC 3501 6.3.3), with USE (RFC 6154) and MAILBOXID (RFC 8474).
Result<Answer> commands::create(Mail& mail, const imap::CreateArgs& args, Request request) {
  static_cast<void>(request);
  store::SpecialUse uses = 0;
  Answer answer;
  for (const std::string& name : args.use) {
    const auto use = store::parseSpecialUse(name);
    if (!use) {
      answer.status = "NO";
      answer.text = "[USEATTR] No such special use";
      return answer;
    }
    uses |= *use;
  }
  PH_TRY(const auto made, mail.account.create(args.mailbox.utf8, uses));
  answer.text = "[MAILBOXID (" + mailboxIdText(made.mailboxId) + ")] Done";
  return answer;
}

/// DELETE (RFC 3501 6.3.4). One's own selected mailbox is left.
Result<Answer> commands::remove(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  const auto box = mail.account.mailbox(args.mailbox.utf8);
  PH_CHECK(mail.account.remove(args.mailbox.utf8));
  if (mail.selected && box.ok() && box->number() == mail.selected->box.number()) mail.selected.reset();
  return Answer{};
}

/// RENAME (RFC 3501 6.3.5).
Result<Answer> commands::rename(Mail& mail, const imap::RenameArgs& args, Request request) {
  static_cast<void>(request);
  PH_CHECK(mail.account.rename(args.from.utf8, args.to.utf8));
  return Answer{};
}

/// SUBSCRIBE (RFC 3501 6.3.6).
Result<Answer> commands::subscribe(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  PH_CHECK(mail.account.subscribe(args.mailbox.utf8, true));
  return Answer{};
}

/// UNSUBSCRIBE (RFC 3501 6.3.7).
Result<Answer> commands::unsubscribe(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  PH_CHECK(mail.account.subscribe(args.mailbox.utf8, false));
  return Answer{};
}

}  // namespace posthorn::imapd
