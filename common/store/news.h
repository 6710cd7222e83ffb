// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/events/event.h"
#include "common/store/account.h"
#include "common/store/mailbox.h"
#include "common/store/quota_state.h"
#include "common/store/records.h"

// Rich events (common/events/event.h): what the account's operations tell once their commit is durable, and
// nothing else tells of. Each function asks first whether anybody wants to hear of it (two loads), never
// fails, and never undoes what was done. One commit makes a bounded number of events: sets of UIDs stand in
// one, and in further ones only where they have more than events::kMaxEventRanges ranges.

namespace posthorn::store {

/// Whether it pays to keep what one of `types` needs.
bool newsWanted(const AccountHandle& account, events::EventMask types);

/// Messages were added. Delivered ones are NewMsg, others UpdateMsg: an event for each, and one for all where
/// the server itself adds many (import). A UID of 0 is a message that was not added.
void tellAppended(const MailboxHandle& box, std::span<MessageWriter> messages, std::span<const Uid> uids,
                  const MailboxRecord& after);

/// Messages came from `source` (CopyMsg).
void tellCopied(const MailboxHandle& source, const MailboxHandle& target, const std::vector<Uid>& uids,
                const MailboxRecord& after);

/// Messages are gone: PurgeMsg where the server removes them, ExpungeMsg where they had \Deleted, else
/// DeleteMsg.
void tellGone(const MailboxHandle& box, const std::vector<Uid>& uids, bool onlyDeleted,
              const MailboxRecord& after);

/// What a STORE did in one commit; UIDs ascend.
struct FlagNews {
  std::vector<Uid> read;      ///< got \Seen
  std::vector<Uid> trashed;   ///< got \Deleted
  std::vector<Uid> unread;    ///< lost \Seen
  std::vector<Uid> restored;  ///< lost \Deleted
  std::vector<Uid> other;     ///< other flags and keywords changed
};
inline constexpr events::EventMask kFlagNews =
    events::maskOf(events::EventType::ReadMsg) | events::maskOf(events::EventType::TrashMsg) |
    events::maskOf(events::EventType::MsgFlags) | events::maskOf(events::EventType::ChangeFlag);
void tellFlags(const MailboxHandle& box, const FlagChange& change, const FlagNews& news,
               const MailboxRecord& after);

/// The mailbox list changed. `oldName` for RenameFolder, `after` for CreateFolder.
void tellFolder(const AccountHandle& account, events::EventType type, View name, View oldName,
                const MailboxStatus* after);

/// A new account has its first mailboxes: a CreateFolder for each.
void tellFirstFolders(const AccountHandle& account);

/// Something failed because the account is full, or it went over its quota or came back under it.
void tellQuotaEvent(const AccountHandle& account, QuotaNews news);

/// The account's new state, after each commit.
void tellState(const AccountHandle& account, Modseq modseq);

}  // namespace posthorn::store
