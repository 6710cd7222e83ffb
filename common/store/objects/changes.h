// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/objects/box.h"

namespace posthorn::store::objects {

/// What happened to objects of one type after a state; an id is in one list only. Of one snapshot: whatever
/// had happened at `newState` is in it. A message without \Deleted in any mailbox that the asker may read is
/// there, any other is not (RFC 8621 4.1.1).
///
/// A thread may be told as updated when what came to it has gone again, a mailbox when its counts are the
/// same again or it was made and removed meanwhile.
template <typename Id>
struct ChangeList {
  Modseq newState = 0;  ///< an intermediate one when `more`
  bool more = false;
  bool countsOnly = false;  ///< mailboxes: of the updated ones only numbers of messages
  std::vector<Id> created;
  std::vector<Id> updated;
  std::vector<Id> destroyed;
};

// `most` 0: no bound. Conflict: it cannot be said, for the state is unknown or too old, or `most` ids are not
// enough to get to any later state. Jobs.

Result<ChangeList<Id128>> emailChanges(const AccountHandle& account, const Asker& asker, Modseq since,
                                       std::uint32_t most);
/// A thread is updated when it gets or loses a message.
Result<ChangeList<std::uint64_t>> threadChanges(const AccountHandle& account, const Asker& asker,
                                                Modseq since, std::uint32_t most);
Result<ChangeList<Id128>> mailboxChanges(const AccountHandle& account, const Asker& asker, Modseq since,
                                         std::uint32_t most);

}  // namespace posthorn::store::objects
