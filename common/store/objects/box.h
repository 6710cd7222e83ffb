// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/blocks.h"
#include "common/store/engine/engine.h"
#include "common/store/objects/memory.h"
#include "common/store/reader.h"
#include "common/store/records.h"
#include "common/store/rights.h"

// How the account-wide functions read an account: all of one snapshot, which they hold while they read the
// index and never while they read messages.

namespace posthorn::store::objects {

/// In whose value, a decimal number below 2^31, each user keeps the order of a mailbox.
inline constexpr View kSortOrderEntry = "/private/vendor/posthorn/sortorder";

/// Whose eyes: nothing is the owner's.
using Asker = std::optional<Identity>;

/// A mailbox as the asker sees it.
struct Box {
  MailboxNo number = 0;
  std::string name;
  MailboxRecord record;
  Rights rights = kAllRights;
  bool shared = false;                     ///< it has an access list
  bool subscribed = false;                 ///< by the owner
  std::optional<std::uint32_t> sortOrder;  ///< of the asker (kSortOrderEntry)
  std::shared_ptr<const Reader> reader;    ///< null: the owner

  [[nodiscard]] bool readable() const {
    constexpr Rights kBoth = kMayLookUp | kMayRead;
    return (rights & kBoth) == kBoth;
  }
};
/// Those that the asker may look up, by name, INBOX first.
Result<std::vector<Box>> boxesOf(Snapshot& from, const AccountHandle& account, const Asker& asker);

/// The facts of a mailbox, remembered as long as it gets and loses no message.
Result<std::shared_ptr<const Facts>> factsOf(Snapshot& from, const AccountHandle& account, const Box& box);

/// What changes of a message, in the order of the facts.
struct Mark {
  Modseq modseq = 0;
  std::uint64_t keywords = 0;
  SystemFlags flags = 0;
};
Result<std::vector<Mark>> marksOf(Snapshot& from, const Box& box);

/// One message wherever it lies.
struct Found {
  std::size_t box = 0;  ///< among the boxes
  Uid uid = 0;
  HotBlock::Entry hot;
  ColdEntry cold;
  [[nodiscard]] bool deleted() const { return (hot.flags & kDeleted) != 0; }
};

/// Reads single messages; blocks that were read are kept.
class Places {
 public:
  /// All must outlive it.
  Places(Snapshot& from, const std::vector<Box>& boxes);

  /// Nothing when the mailbox is none of the boxes, or the message is not there.
  Result<std::optional<Found>> at(MailboxNo mailbox, Uid uid);
  /// All copies of a message in the boxes that may be read.
  Result<std::vector<Found>> email(const UserRecord& user, const Id128& emailId);
  Result<std::vector<Found>> thread(const UserRecord& user, std::uint64_t threadId);
  /// Index among the boxes.
  [[nodiscard]] std::optional<std::size_t> boxOf(MailboxNo mailbox) const;

 private:
  Result<const HotBlock*> hot(std::size_t box, std::uint32_t block);
  Result<const ColdBlock*> cold(std::size_t box, std::uint32_t block);

  Snapshot& from_;
  const std::vector<Box>& boxes_;
  std::map<MailboxNo, std::size_t> byNumber_;
  std::map<std::pair<std::size_t, std::uint32_t>, HotBlock> hot_;
  std::map<std::pair<std::size_t, std::uint32_t>, ColdBlock> cold_;
};

}  // namespace posthorn::store::objects
