// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/mailbox.h"
#include "common/store/message_writer.h"

// What an import from another server does beyond APPEND: messages keep the UIDs, and mailboxes the
// UIDVALIDITY, that clients know them by. All of it keeps the store's rules: UIDs of a mailbox only grow, and
// no pair of UIDVALIDITY and UID ever means two messages under one name.

namespace posthorn::store {

/// Gives a mailbox that never had a message the UIDVALIDITY that it had elsewhere; the handle to use from now
/// on, the others end in Conflict. It stays with the name: when the mailbox is renamed it gets one of its
/// own. NotFound; Invalid for 0 and for numbers near the end of their range; Conflict when the mailbox has or
/// had messages; Exists when another mailbox of this name had this UIDVALIDITY before.
Result<MailboxHandle> adoptUidValidity(const AccountHandle& account, View name, std::uint32_t uidValidity);

/// Gives the mailbox a UIDVALIDITY that it never had, so that clients read it anew.
Result<MailboxHandle> renewUidValidity(const MailboxHandle& box);

/// UIDNEXT becomes `uidNext` where it is lower. Invalid for 0.
Status raiseUidNext(const MailboxHandle& box, Uid uidNext);

/// A message of another server, to be written, finished and given to importMessages(). Its EMAILID says what
/// it is there, so that no import of it is done twice. It may pass the store's limit of sizes.
Result<MessageWriter> importedMessage(const AccountHandle& account, std::uint64_t sizeHint,
                                      const Id128& emailId);

/// What an account knows of an EMAILID.
struct Known {
  bool known =
      false;    ///< some mailbox has the message, or it was expunged from this one, as far as remembered
  Uid uid = 0;  ///< in this mailbox, the first one; 0: it is not in it
};
Result<std::vector<Known>> known(const MailboxHandle& box, std::span<const Id128> emailIds);

struct ImportResult {
  std::size_t taken = 0;            ///< of the messages, from the first on: all that one commit can hold
  std::size_t present = 0;          ///< of these: not appended, the account has their EMAILID already
  std::size_t keywordsDropped = 0;  ///< keywords that the mailbox had no place for, counted by message
  std::uint32_t uidValidity = 0;
  std::vector<Uid> uids;  ///< of the taken ones, 0 for those that were present
  Modseq modseq = 0;
};

/// Appends finished messages, in one commit, as far as one can hold them (at least one; at most kMaxAppend
/// are given). `uids`: the UIDs that they keep, ascending; empty: they get the next ones. Quota is counted
/// and not enforced. Conflict, and nothing is appended, when the first UID is below UIDNEXT; Invalid when
/// UIDs do not ascend.
Result<ImportResult> importMessages(const MailboxHandle& box, std::span<MessageWriter> messages,
                                    std::span<const Uid> uids);

}  // namespace posthorn::store
