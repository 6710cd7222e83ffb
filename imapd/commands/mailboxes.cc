// SPDX-License-Identifier: Apache-2.0
// CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: one call of the store each, and the rights that RFC 4314 4
// asks for.
#include "common/store/mailboxes.h"

#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {
namespace {

/// Where a mailbox may be made. Denied alike where there is no such user and where it is not permitted.
Result<Place> placeToMake(const Mail& mail, const std::string& name) {
  auto place = placeOf(mail, name);
  if (!place.ok() && place.error().code == Errc::NotFound) return notPermitted();
  if (!place.ok()) return place.error();
  if (!mayCreate(mail, *place)) return notPermitted();
  return place;
}

/// That a name is taken is no news for those alone who may look it up.
Error notMade(const Mail& mail, const Place& place, const Error& error) {
  if (place.own || error.code != Errc::Exists) return error;
  const auto known = findMailbox(mail, place, store::kMayLookUp);
  return known.ok() ? error : notPermitted();
}

bool isSelected(const Mail& mail, const store::MailboxHandle& box) {
  return mail.selected && box.number() == mail.selected->box.number() &&
         box.account().id() == mail.selected->box.account().id();
}

Result<Answer> removeIf(Mail& mail, const std::string& name, store::Removal removal) {
  PH_TRY(Place place, placeOf(mail, name));
  PH_TRY(const Found found, findMailbox(mail, place, store::kMayRemove));
  PH_CHECK(store::removeMailbox(place.account, place.name, removal));
  if (isSelected(mail, found.box)) mail.selected.reset();
  return Answer{};
}

}  // namespace

/// CREATE (RFC 3501 6.3.3), with USE (RFC 6154) and MAILBOXID (RFC 8474).
Result<Answer> commands::create(Mail& mail, const imap::CreateArgs& args, Request request) {
  static_cast<void>(request);
  store::SpecialUse uses = 0;
  Answer answer;
  PH_TRY(Place place, placeToMake(mail, args.mailbox.utf8));
  for (const std::string& name : args.use) {
    const auto use = place.own ? store::parseSpecialUse(name) : std::nullopt;
    if (!use) {
      answer.status = "NO";
      answer.text = "[USEATTR] No such special use";
      return answer;
    }
    uses |= *use;
  }
  const auto made = place.account.create(place.name, uses);
  if (!made.ok()) return notMade(mail, place, made.error());
  answer.text = "[MAILBOXID (" + mailboxIdText(made->mailboxId) + ")] Done";
  return answer;
}

/// DELETE (RFC 3501 6.3.4). One's own selected mailbox is left.
Result<Answer> commands::remove(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  return removeIf(mail, args.mailbox.utf8, store::Removal::Whole);
}

/// XREMOVE (common/imap/types/jmap.h): DELETE unless there is a message in it.
Result<Answer> commands::xRemove(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  auto done = removeIf(mail, args.mailbox.utf8, store::Removal::Empty);
  if (!done.ok() && done.error().code == Errc::Conflict)
    return jmapRefusal("[XSTATEMISMATCH]", "There are messages in the mailbox");
  return done;
}

/// RENAME (RFC 3501 6.3.5), inside an account.
Result<Answer> commands::rename(Mail& mail, const imap::RenameArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(Place from, placeOf(mail, args.from.utf8));
  if (!from.own) PH_CHECK(findMailbox(mail, from, store::kMayRemove));
  PH_TRY(const Place to, placeToMake(mail, args.to.utf8));
  if (from.account.id() != to.account.id())
    return Error{Errc::Unsupported, "imapd: RENAME into another account",
                 "A mailbox cannot be renamed into another account"};
  // To rename INBOX is to take its messages away (RFC 3501 6.3.5): that is for its owner.
  if (!from.own && from.name == "INBOX") return notPermitted();
  const Status renamed = from.account.rename(from.name, to.name);
  if (!renamed.ok()) return notMade(mail, to, renamed.error());
  return Answer{};
}

/// SUBSCRIBE (RFC 3501 6.3.6). The name need not be there, and is not looked at.
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
