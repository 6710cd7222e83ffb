// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/blocks.h"
#include "common/store/edit.h"
#include "common/store/mailbox.h"
#include "common/store/records.h"

// The steps that the account's operations are made of, each inside one commit.

namespace posthorn::store {

/// A mailbox inside a commit. The pointers belong to the Edit.
struct OpenBox {
  UserRecord* user = nullptr;
  MailboxNo number = 0;
  MailboxRecord* record = nullptr;
};

/// Conflict when the handle's mailbox is not what it was.
Result<OpenBox> openBox(Edit& edit, const MailboxHandle& box);
Result<MailboxRecord> readBox(Snapshot& from, const MailboxHandle& box);
Result<UserRecord> readUser(Snapshot& from);

/// The next MODSEQ of the account, also put into the mailbox.
Modseq stamp(const OpenBox& box);

/// Asked before anything is appended, inside the commit. False: append nothing, keep what else the commit
/// has.
using AppendGate = std::function<Result<bool>(Edit&, const OpenBox&, const QuotaUse& more)>;
/// MailboxHandle::append() behind a gate. No UIDs when the gate was shut.
Result<AppendResult> appendBehind(const MailboxHandle& box, std::span<MessageWriter> messages,
                                  const AppendGate& gate);

/// OverQuota when `more` on top of what is used passes the account's limits.
Status checkRoom(const AccountHandle& account, const QuotaUse& used, const QuotaUse& more);

/// Puts a message under the mailbox's next UID, with counts and quota, into blocks and indexes.
Result<Uid> addMessage(Edit& edit, const OpenBox& box, const HotBlock::Entry& hot, const ColdEntry& cold);

/// Puts a finished message under the mailbox's next UID, at its HIGHESTMODSEQ: its thread, body, UIDL and
/// index entries too. `keywords` are the mailbox's bits of its keywords, `now` its save date. What a reader
/// appends keeps the flags that he may set, and is \Seen for him alone.
Result<Uid> appendOne(Edit& edit, const OpenBox& box, MessageWriter& message, std::uint64_t keywords,
                      std::int64_t now, const Reader* reader = nullptr);

/// Takes a message out of blocks, counts and quota; not out of the indexes. NotFound when it is not there.
/// A mailbox that is dying has been taken off the quota as a whole.
Result<ColdEntry> takeMessage(Edit& edit, const OpenBox& box, Uid uid);
Status dropFromIndexes(Edit& edit, const OpenBox& box, Uid uid, const ColdEntry& cold);
/// One reference less to the message's body; the last one releases it.
Status releaseBody(Edit& edit, const ColdEntry& cold);

/// Adds tombstones at the mailbox's HIGHESTMODSEQ and forgets the oldest when there are very many.
Status addTombstones(Edit& edit, const OpenBox& box, const std::vector<Tombstone>& tombstones);

/// The hot blocks of a mailbox that `uids` touches, from block `from` on, at most `limit`.
Result<std::vector<std::uint32_t>> blocksOf(Snapshot& source, MailboxNo mailbox, const UidSet& uids,
                                            std::uint32_t from, std::size_t limit);

/// Gives keywords of one mailbox their bits within one commit.
class KeywordMapper {
 public:
  KeywordMapper(Edit& edit, MailboxNo mailbox) : edit_(edit), mailbox_(mailbox) {}
  /// Makes places for unknown ones, at the cost of names that no message bears. Limit when all are borne.
  Result<std::uint64_t> bits(const std::vector<std::string>& names);
  /// Of those that are known.
  Result<std::uint64_t> knownBits(const std::vector<std::string>& names);
  /// The bits of this mailbox for the same names that `bits` are in another one.
  Result<std::uint64_t> translate(std::uint64_t bits, const KeywordTable& from);

 private:
  Result<unsigned> place(Edit::Slot<KeywordTable>* slot, const std::string& name);
  Status reclaim(Edit::Slot<KeywordTable>* slot);

  Edit& edit_;
  MailboxNo mailbox_;
  std::uint64_t promised_ = 0;  ///< given out in this commit
};

/// The THREADID of a message that arrives.
Result<std::uint64_t> assignThread(Edit& edit, UserRecord& user, const MessageIds& ids);

/// Records a change of the mailbox list at the account's present MODSEQ.
Status noteListChange(Edit& edit, UserRecord& user, MailboxNo number, MailboxRecord& record,
                      ListChange::Kind kind);

/// A commit function's way to say that there is nothing to write: the commit is given up without an error.
Error nothingToDo();
/// commit() with that in mind. False: nothing to do. The account is noted for upkeep, and its sessions in all
/// processes are told of the change.
Result<bool> commitSome(const AccountHandle& account, Sync sync, const std::function<Status(Edit&)>& work);

}  // namespace posthorn::store
