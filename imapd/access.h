// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/store/acl.h"
#include "common/store/rights.h"
#include "imapd/answer.h"
#include "imapd/mail.h"

// Which mailbox a name means to this session's user, and what he may do with it (RFC 2342, RFC 4314). His own
// mailboxes stand at the root and are his altogether; those of others are at "Shared Folders/User/<owner>/",
// as far as their access lists let him see them. All of it is for jobs.
//
// What he may not look up is told as what is not there (RFC 4314 6): every function here that says NotFound
// says it in the same words for both.

namespace posthorn::imapd {

inline constexpr std::string_view kOthersPrefix = "Shared Folders/User/";

/// Whose account a name lies in, and its name there.
struct Place {
  store::AccountHandle account;
  std::string name;
  bool own = true;
};
/// Pure as far as names of one's own go; for others their account is opened. NotFound when there is no such
/// user on this host, for one's own name behind the prefix, and for names that end in it.
Result<Place> placeOf(const Mail& mail, std::string_view name);

/// A mailbox, and what the session's user may do with it.
struct Found {
  store::MailboxHandle box;  ///< his: a reader's unless it is his own
  store::Rights rights = store::kAllRights;

  [[nodiscard]] bool own() const { return box.reader() == nullptr; }
  [[nodiscard]] bool may(store::Rights needed) const { return (rights & needed) == needed; }
};
/// The mailbox of that name, with which the user may do all of `needed`. NotFound, or Denied where he may
/// look it up.
Result<Found> findMailbox(const Mail& mail, std::string_view name, store::Rights needed);

/// The mailbox of a place already known. The same errors.
Result<Found> findMailbox(const Mail& mail, const Place& place, store::Rights needed);

/// The rights of the session's user on a mailbox of any account, as its list says now.
Result<store::Rights> rightsOn(const Mail& mail, const store::MailboxHandle& box);

/// What the user sees of another account, with his rights. `account` comes from accountOf().
Result<std::vector<store::VisibleMailbox>> visibleIn(const Mail& mail, const store::AccountHandle& account);
/// His own account, or another one on this host. NotFound otherwise.
Result<store::AccountHandle> accountOf(const Mail& mail, std::string_view owner);
/// Owners on this host who may share something with him, sorted, without himself. A hint: visibleIn() says.
std::vector<std::string> sharersFor(const Mail& mail);

/// Whether the user may make a mailbox of that name: k on the nearest one above it that is there. Says
/// nothing of whether it is there already.
bool mayCreate(const Mail& mail, std::string_view name);
bool mayCreate(const Mail& mail, const Place& place);

/// NO to a command whose target findMailbox() did not give: with TRYCREATE where the user could make it.
Answer refusalOfTarget(const Mail& mail, std::string_view name, const Error& error);

/// The errors of findMailbox().
Error noSuchMailbox();
Error notPermitted();

}  // namespace posthorn::imapd
