// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/store/engine/engine.h"
#include "common/store/types.h"

// `D`: what JMAP must know of messages that left a mailbox, in the order of time over all mailboxes, and of
// mailboxes that are gone themselves. Tombstones (`T`) are IMAP's, by mailbox. A release that does not know
// of `D` leaves it alone and takes the floor away from the user record: then it begins anew.

namespace posthorn::store {

struct UserRecord;

struct Gone {
  Id128 emailId;
  std::uint64_t threadId = 0;
  Modseq since = 0;  ///< MessageFacts::createdModseq: JMAP saw it there from here on
  Modseq until = 0;  ///< and up to here at the latest, for it had \Deleted then; 0: until it left
  bool operator==(const Gone&) const = default;
};
inline constexpr std::size_t kGoneSize = 40;

/// A mailbox with more messages than this is removed without a word on each: older states are forgotten.
inline constexpr std::uint32_t kMostGoneAtOnce = 20'000;

/// What leaves in one commit.
class GoneRows {
 public:
  /// `removed`: at which MODSEQ; 0: that of the commit.
  void add(MailboxNo mailbox, Modseq removed, Uid uid, const Gone& gone);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Writes rows and forgets the oldest when there are very many.
  Status flush(Batch& batch, UserRecord& user);

 private:
  std::map<std::pair<MailboxNo, Modseq>, std::vector<std::pair<Uid, Gone>>> rows_;
};

Status decodeGone(View value, std::vector<Gone>* out);
/// All that left after `since`, in order, until `row` says false.
Status eachGone(Snapshot& from, Modseq since,
                const std::function<bool(MailboxNo mailbox, Modseq modseq, const Gone& gone)>& row);

}  // namespace posthorn::store
