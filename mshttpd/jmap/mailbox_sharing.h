// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "mshttpd/backend/mail_host.h"
#include "mshttpd/jmap/mailbox_tree.h"
#include "mshttpd/jmap/method.h"

// shareWith of a Mailbox: the pattern of RFC 9670 4 over an ACL. A principal's id is that of its account.

namespace posthorn::mshttpd::jmap {

/// Login name → rights, of the people that a mailbox is shared with; "anyone", groups and negative rights
/// stay what they are and are not told.
using Sharing = std::map<std::string, std::string>;

/// The owner is left out.
Result<Sharing> readSharing(backend::MailHost& host, const std::string& owner, const std::string& mailbox);

/// {"principal": {"mayReadItems": true, ...}}; null when shared with nobody.
Json sharingJson(const Sharing& sharing);

/// The value of `shareWith`; nothing when it is none, or names the owner.
std::optional<Sharing> parseSharing(const Json& value, const std::string& owner);

/// Makes `wanted` of `now`; on a failure what has been granted is taken back as far as it can be.
Status writeSharing(backend::MailHost& host, const std::string& mailbox, const Sharing& now,
                    const Sharing& wanted);

}  // namespace posthorn::mshttpd::jmap
