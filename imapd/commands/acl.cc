// SPDX-License-Identifier: Apache-2.0
// SETACL, DELETEACL, GETACL, LISTRIGHTS, MYRIGHTS (RFC 4314 3). One call of the store each, and for SETACL
// the hint by which the other one finds the mailbox.
#include "common/imap/print/response.h"
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/others.h"

namespace posthorn::imapd {
namespace {

// Any of these lets a user ask for his own rights (RFC 4314 4).
constexpr store::Rights kAskOwn = store::kMayLookUp | store::kMayRead | store::kMayInsert |
                                  store::kMayCreate | store::kMayRemove | store::kMayAdminister;
// Rights that can be given apart from each other, and the virtual ones (RFC 4314 2.1.1).
constexpr std::string_view kGivable = "lrswipkxteacd";

View withoutSign(View identifier) {
  return identifier.starts_with('-') ? identifier.substr(1) : identifier;
}

Result<std::string> identifierOf(const Mail& mail, const std::string& typed, bool known) {
  if (!mail.others) return makeError(Errc::Internal, "imapd: identifiers without a directory");
  return mail.others->identifier(typed, known);
}

/// What cannot be an identifier is the client's mistake; all else it may try again (RFC 4314 3).
Result<Answer> refusalOf(const Error& error) {
  if (error.code == Errc::Invalid) return badAnswer(error.client);
  if (error.code != Errc::NotFound) return error;
  Answer answer;
  answer.status = "NO";
  answer.text = "[CANNOT] " + error.client;
  return answer;
}

/// The one who gets something finds it from now on.
Status leaveHint(const Mail& mail, const std::string& owner, const std::string& identifier) {
  const View whom = store::namesMany(identifier) ? store::kPublic : View(identifier);
  const auto account = mail.others->hintsOf(whom, mail.account.id());
  if (!account.ok() && account.error().code == Errc::NotFound) return {};
  if (!account.ok()) return account.error();
  return store::noteSharer(*account, owner, true);
}

Result<Answer> change(const Mail& mail, const Found& found, const store::AclChange& change) {
  const std::string& owner = found.box.account().id();
  if (withoutSign(change.identifier) == owner)
    return Error{Errc::Invalid, "imapd: the owner in his own access list", "The owner has all rights always"};
  PH_CHECK(store::setAcl(found.box, change));
  const bool gives = change.mode != store::AclChange::Mode::Remove && change.rights != 0;
  if (gives && !change.identifier.starts_with('-')) PH_CHECK(leaveHint(mail, owner, change.identifier));
  return Answer{};
}

}  // namespace

Result<Answer> commands::setAcl(Mail& mail, const imap::SetAclArgs& args, Request request) {
  using Action = imap::SetAclArgs::Action;
  using Mode = store::AclChange::Mode;
  static_cast<void>(request);
  const auto rights = store::parseRights(args.rights);
  if (!rights) return badAnswer("There is no such right");
  PH_TRY(const Found found, findMailbox(mail, args.mailbox.utf8, store::kMayAdminister));
  const auto identifier = identifierOf(mail, args.identifier, args.action != Action::Remove);
  if (!identifier.ok()) return refusalOf(identifier.error());
  const Mode mode = args.action == Action::Add      ? Mode::Add
                    : args.action == Action::Remove ? Mode::Remove
                                                    : Mode::Replace;
  return change(mail, found, {*identifier, mode, *rights});
}

Result<Answer> commands::deleteAcl(Mail& mail, const imap::IdentifierArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const Found found, findMailbox(mail, args.mailbox.utf8, store::kMayAdminister));
  const auto identifier = identifierOf(mail, args.identifier, false);
  if (!identifier.ok()) return refusalOf(identifier.error());
  return change(mail, found, {*identifier, store::AclChange::Mode::Replace, 0});
}

Result<Answer> commands::getAcl(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const Found found, findMailbox(mail, args.mailbox.utf8, store::kMayAdminister));
  PH_TRY(const auto acl, store::aclOf(found.box));
  imap::AclData data{args.mailbox, {}};
  data.entries.emplace_back(found.box.account().id(), store::spellRights(store::kAllRights));
  for (const store::AclEntry& entry : acl)
    data.entries.emplace_back(entry.identifier, store::spellRights(entry.rights));
  Answer answer;
  imap::putAcl(answer.untagged, data, {.utf8 = mail.features.utf8});
  return answer;
}

Result<Answer> commands::listRights(Mail& mail, const imap::IdentifierArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const Found found, findMailbox(mail, args.mailbox.utf8, store::kMayAdminister));
  const auto identifier = identifierOf(mail, args.identifier, false);
  if (!identifier.ok()) return refusalOf(identifier.error());
  imap::ListRightsData data{args.mailbox, args.identifier, {}, {}};
  if (withoutSign(*identifier) == found.box.account().id()) {
    data.required = store::spellRights(store::kAllRights);
  } else {
    for (const char right : kGivable) data.optional.emplace_back(1, right);
  }
  Answer answer;
  imap::putListRights(answer.untagged, data, {.utf8 = mail.features.utf8});
  return answer;
}

Result<Answer> commands::myRights(Mail& mail, const imap::MailboxArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const Found found, findMailbox(mail, args.mailbox.utf8, 0));
  if ((found.rights & kAskOwn) == 0) return noSuchMailbox();
  Answer answer;
  imap::putMyRights(answer.untagged, {args.mailbox, store::spellRights(found.rights)},
                    {.utf8 = mail.features.utf8});
  return answer;
}

}  // namespace posthorn::imapd
