// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/mailbox.h"
#include "common/store/rights.h"

// Access lists of mailboxes, and how those who are in them find the mailboxes.
//
// The list in the owner's account decides, always. So that somebody finds what is shared with him there is a
// hint in his own account that the owner has something for him; hints of what is shared with anyone are in
// the account kPublic. A hint is written when the list is durable. It may be missing or stale after a crash
// or a change: who comes to a mailbox by its name writes the one that is missing, who finds nothing behind
// one drops it.
//
// A mailbox that is made has its parent's list. RENAME keeps the list, DELETE drops it. All calls block.

namespace posthorn::store {

/// The owner of public folders, and of the hints for all.
inline constexpr View kPublic = "public";

/// Empty when nobody but the owner has rights.
Result<Acl> aclOf(const MailboxHandle& box);
/// Durable when it returns; the mailbox's entry in the list of changes tells of it (Changed). Limit, Conflict
/// as for all changes of a mailbox. Nothing is written when it changes nothing.
Status setAcl(const MailboxHandle& box, const AclChange& change);

/// Takes `who` out of all lists of an account, in one commit: his name may be another's tomorrow. What is
/// taken away from him ('-' before his name) stays so. How many lists had him.
Result<std::size_t> revokeAll(const AccountHandle& account, View who);

/// What `who` may do with a mailbox, its list read now.
Result<Rights> rightsOn(const MailboxHandle& box, const Identity& who);

/// A mailbox of an account as somebody may see it.
struct VisibleMailbox {
  std::string name;
  Rights rights = 0;  ///< any at all
  MailboxStatus status;
};
/// Those on which `who` has any right, in the order of their names. Reads what is shared, not the whole
/// list, unless all is his.
Result<std::vector<VisibleMailbox>> visibleTo(const AccountHandle& account, const Identity& who);

// Hints.

/// That `owner` shares something with whom this account belongs to, or no longer does.
Status noteSharer(const AccountHandle& account, View owner, bool shares);
/// Sorted.
Result<std::vector<std::string>> sharersOf(const AccountHandle& account);

}  // namespace posthorn::store
