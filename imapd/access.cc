// SPDX-License-Identifier: Apache-2.0
#include "imapd/access.h"

#include <algorithm>

#include "common/store/names.h"
#include "common/store/reader.h"
#include "imapd/others.h"

namespace posthorn::imapd {
namespace {

/// He has come to a mailbox by its name: from now on he finds it in lists as well. A hint: whatever keeps it
/// from being written keeps nobody from the mailbox.
void hint(const Mail& mail, const std::string& owner) {
  static_cast<void>(store::noteSharer(mail.account, owner, true));
}

Status refuse(store::Rights rights, store::Rights needed) {
  if ((rights & needed) == needed && rights != 0) return {};
  return (rights & store::kMayLookUp) != 0 ? notPermitted() : noSuchMailbox();
}

}  // namespace

Error noSuchMailbox() {
  return Error{Errc::NotFound, "imapd: no such mailbox, or none that may be seen", "No such mailbox"};
}

Error notPermitted() {
  return Error{Errc::Denied, "imapd: the access list does not allow it", "Not permitted"};
}

Result<store::AccountHandle> accountOf(const Mail& mail, std::string_view owner) {
  if (owner == mail.account.id()) return mail.account;
  if (!mail.others) return noSuchMailbox();
  // Public folders begin with the first one that an administrator makes.
  const bool begins = owner == store::kPublic && mail.others->identity(mail.account.id()).admin;
  const auto create = begins ? store::Engine::Create::Yes : store::Engine::Create::No;
  return mail.others->account(owner, mail.account.id(), create);
}

Result<Place> placeOf(const Mail& mail, std::string_view name) {
  // "Shared Folders/User" and what is above an owner's mailboxes are levels, never mailboxes.
  if (name != kOthersPrefix.substr(0, kOthersPrefix.size() - 1) && !name.starts_with(kOthersPrefix))
    return Place{mail.account, std::string(name)};
  std::string_view rest = name.substr(std::min(name.size(), kOthersPrefix.size()));
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) return noSuchMailbox();
  // Before the account: a name that cannot be is refused alike, whether or not there is such a user.
  PH_TRY(auto folder, store::normalName(rest.substr(slash + 1)));
  const std::string_view owner = rest.substr(0, slash);
  if (owner == mail.account.id()) return noSuchMailbox();
  auto account = accountOf(mail, owner);
  if (!account.ok() && account.error().code == Errc::NotFound) return noSuchMailbox();
  if (!account.ok()) return account.error();
  return Place{std::move(*account), std::move(folder), false};
}

Result<store::Rights> rightsOn(const Mail& mail, const store::MailboxHandle& box) {
  if (box.account().id() == mail.account.id()) return store::kAllRights;
  if (!mail.others) return store::Rights{0};
  return store::rightsOn(box, mail.others->identity(mail.account.id()));
}

Result<Found> findMailbox(const Mail& mail, const Place& place, store::Rights needed) {
  auto box = place.account.mailbox(place.name);
  if (place.own) {
    if (!box.ok()) return box.error();
    return Found{std::move(*box)};
  }
  if (!box.ok() && box.error().code == Errc::NotFound) return noSuchMailbox();
  if (!box.ok()) return box.error();
  PH_TRY(const store::Rights rights, rightsOn(mail, *box));
  PH_CHECK(refuse(rights, needed));
  if ((rights & store::kMayLookUp) != 0) hint(mail, place.account.id());
  return Found{box->as({mail.account.id(), rights}), rights};
}

Result<Found> findMailbox(const Mail& mail, std::string_view name, store::Rights needed) {
  PH_TRY(const Place place, placeOf(mail, name));
  return findMailbox(mail, place, needed);
}

Result<std::vector<store::VisibleMailbox>> visibleIn(const Mail& mail, const store::AccountHandle& account) {
  if (mail.others) return store::visibleTo(account, mail.others->identity(mail.account.id()));
  return store::visibleTo(account, {mail.account.id(), {}, false});
}

bool mayCreate(const Mail& mail, std::string_view name) {
  const auto place = placeOf(mail, name);
  return place.ok() && mayCreate(mail, *place);
}

bool mayCreate(const Mail& mail, const Place& place) {
  if (place.own) return true;
  for (auto above = store::parentOf(place.name); !above.empty(); above = store::parentOf(above)) {
    const auto parent = place.account.mailbox(above);
    if (!parent.ok() && parent.error().code == Errc::NotFound) continue;
    if (!parent.ok()) return false;
    const auto rights = rightsOn(mail, *parent);
    return rights.ok() && (*rights & store::kMayCreate) != 0;
  }
  return mail.others && mail.others->identity(mail.account.id()).admin;
}

Answer refusalOfTarget(const Mail& mail, std::string_view name, const Error& error) {
  Answer answer = refusal(error);
  if (error.code == Errc::NotFound && mayCreate(mail, name)) answer.text = "[TRYCREATE] No such mailbox";
  return answer;
}

std::vector<std::string> sharersFor(const Mail& mail) {
  std::vector<std::string> owners;
  if (!mail.others) return owners;
  const auto add = [&](const Result<store::AccountHandle>& account) {
    if (!account.ok()) return;
    const auto hints = store::sharersOf(*account);
    if (hints.ok()) owners.insert(owners.end(), hints->begin(), hints->end());
  };
  add(mail.account);
  add(mail.others->account(store::kPublic, mail.account.id()));
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  std::erase(owners, mail.account.id());
  return owners;
}

}  // namespace posthorn::imapd
