// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
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
  /// `more`: of the next MODSEQ, too, what happened to objects with ids up to this one is told.
  std::optional<Id> newAfter;
  bool more = false;
  bool countsOnly = false;  ///< mailboxes: of the updated ones only numbers of messages
  std::vector<Id> created;
  std::vector<Id> updated;
  std::vector<Id> destroyed;
};

/// What somebody knows: all up to a MODSEQ, and of the next one what `newAfter` says.
template <typename Id>
struct Known {
  Modseq modseq = 0;
  std::optional<Id> after = {};
};

// `most` 0: no bound; what one commit did to more objects than that is told in several parts. Conflict: it
// cannot be said, for the state is unknown or too old; or, of mailboxes, because thousands of threads changed
// and there are more mailboxes than `most`: to read them anew is cheaper. Jobs.

Result<ChangeList<Id128>> emailChanges(const AccountHandle& account, const Asker& asker,
                                       const Known<Id128>& since, std::uint32_t most);
/// A thread is updated when it gets or loses a message.
Result<ChangeList<std::uint64_t>> threadChanges(const AccountHandle& account, const Asker& asker,
                                                const Known<std::uint64_t>& since, std::uint32_t most);
Result<ChangeList<Id128>> mailboxChanges(const AccountHandle& account, const Asker& asker,
                                         const Known<Id128>& since, std::uint32_t most);

}  // namespace posthorn::store::objects
