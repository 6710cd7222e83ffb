// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "imapd/access.h"
#include "imapd/mail.h"

namespace posthorn::imapd {

/// Every name that a session's user may list: his own mailboxes and subscriptions, and what others let him
/// look up.
struct Listing {
  std::vector<store::MailboxEntry> entries;
  std::map<std::string, Found> shared;  ///< those of others, by name
};
/// As far as names of others can match one of `patterns`; whatever is wrong with another account leaves its
/// names out. Hints of what is no longer there are dropped. Job.
Result<Listing> listingFor(const Mail& mail, const std::vector<std::string>& patterns);

/// Whether a name is a level above mailboxes of others.
bool isLevelOfOthers(std::string_view name);

}  // namespace posthorn::imapd
