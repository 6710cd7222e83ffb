// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/objects/box.h"
#include "common/store/objects/filter.h"

namespace posthorn::store::objects {

/// One message's change (RFC 8621 4.6). What is set is all of it then; to add and to drop is nothing then.
struct EmailUpdate {
  Id128 id;
  bool destroy = false;  ///< out of every mailbox that the asker sees; nothing else counts then
  std::optional<std::vector<FlagName>> setFlags;
  std::vector<FlagName> addFlags;
  std::vector<FlagName> dropFlags;
  std::optional<std::vector<Id128>> setMailboxes;
  std::vector<Id128> addMailboxes;
  std::vector<Id128> dropMailboxes;
};

struct EmailOutcome {
  enum class Kind : std::uint8_t {
    Updated,
    Destroyed,
    NotFound,
    Forbidden,
    NoMailbox,  ///< `mailboxes` are none, or none that the asker sees
    TooManyKeywords,
    TooManyMailboxes,
    NoMailboxLeft,
    OverQuota,
  };
  Kind kind = Kind::Updated;
  std::vector<Id128> mailboxes;
};

struct EmailOutcomes {
  Modseq before = 0;
  Modseq after = 0;  ///< the same when nothing changed
  std::vector<EmailOutcome> outcomes;
};

inline constexpr std::size_t kMostMailboxesOfEmail = 256;

/// A message is changed as a whole or not at all, in all its mailboxes, and a refused one does not stop the
/// others. With `ifState` it is one commit or none: Conflict unless the account is in that state, Limit when
/// it is too much (more than 14 MiB to write: thousands of messages that lie far apart, each in a few
/// mailboxes). Without, what does not fit into one of kFullEdit goes into further ones; when somebody else's
/// comes in between, `before` is the state behind that. Flags become the same in all mailboxes
/// of a message that is changed; \Deleted is never set, and copies that bear it are left alone, but for
/// `destroy`. Durable. Job.
Result<EmailOutcomes> updateEmails(const AccountHandle& account, const Asker& asker,
                                   std::optional<Modseq> ifState, std::span<const EmailUpdate> updates);

}  // namespace posthorn::store::objects
