// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "imapd/mail.h"

namespace posthorn::imapd {

/// What a command's answer may carry along of the changes that others made (RFC 3501 5.5, 7.4.1).
enum class SyncPolicy : std::uint8_t {
  None,         ///< nothing
  Arrivals,     ///< new messages alone: ahead of a UID command, which may mean one of them
  KeepNumbers,  ///< no EXPUNGE: FETCH, STORE and SEARCH by sequence number
  Full,
};

/// Appends the untagged responses that tell the session what it does not know yet of its mailbox, and takes
/// note that it does. `uid`: the command is a UID command (its FETCH responses carry the UID).
/// Conflict when the mailbox is gone: nothing but BYE is left to say. Job.
Status sync(Mail& mail, SyncPolicy policy, bool uid, std::string& out);

/// Appends FLAGS and PERMANENTFLAGS when the mailbox has other keywords than the session was told. Before a
/// FETCH response that may bear a new one. Job.
Status refreshKeywords(Selected& box, std::string& out);

}  // namespace posthorn::imapd
