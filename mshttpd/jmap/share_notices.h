// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mshttpd/jmap/kept_objects.h"
#include "mshttpd/jmap/mailbox_sharing.h"
#include "mshttpd/jmap/method.h"

// What people are told when somebody shares a mailbox with them, or takes it away (RFC 9670 3): the newest
// 100 of each user, kept in his account, /private/vendor/posthorn/sharenotifications. Only shares that are
// set by JMAP are told so: IMAP's SETACL leaves no notice.

namespace posthorn::mshttpd::jmap {

/// Those of the account's owner. Job thread.
Result<KeptObjects> readShareNotices(backend::MailHost& host);

/// The mailbox that rights have changed on.
struct SharedObject {
  backend::Id id;
  std::string name;
};
/// Leaves a notice with everybody of the directory whose rights are others now. Whoever cannot be told is
/// not: his rights are what they are all the same. Job thread; blocks on their back ends.
void noteShares(Call& call, const Call::Account& account, const SharedObject& object, const Sharing& before,
                const Sharing& after);

/// The caller has subscribed to it: he need not be told of it any more.
void forgetShares(Call& call, const backend::Id& object);

}  // namespace posthorn::mshttpd::jmap
