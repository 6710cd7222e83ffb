// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/mailbox.h"
#include "common/store/types.h"

// The small values of the schema. encode() and decode() are each other's inverse; decode() takes any octets
// and returns Corrupt for those that encode() cannot have made.

namespace posthorn::store {

/// Size of a hash index (hash_index.h), kept in the user record.
struct IndexState {
  std::uint32_t buckets = 0;
  std::uint32_t cursor = 0;  ///< the bucket that is swept next
  std::uint64_t entries = 0;
  bool operator==(const IndexState&) const = default;
};

/// `U`.
struct UserRecord {
  std::uint16_t schema = 0;
  std::uint16_t dying = 0;  ///< mailboxes that are off the list and hold messages still
  MailboxNo nextMailbox = 1;
  Modseq modseq = 1;
  std::uint32_t lastUidValidity = 0;
  QuotaUse used;
  Modseq listFloor = 0;  ///< changes of the mailbox list up to here may be forgotten
  IndexState emailIds;
  IndexState messageIds;
  IndexState threads;
  Modseq goneFloor = 0;         ///< `D` may lack what left its mailbox up to here; 0: it was never kept
  std::uint32_t goneCount = 0;  ///< messages in `D`
  std::uint64_t idSecret = 0;   ///< mixed into what `J` is asked for; 0: none, as in accounts without ids yet
  bool operator==(const UserRecord&) const = default;

  static constexpr std::size_t kSize = 128;
  [[nodiscard]] Bytes encode() const;
  /// Unsupported for a schema that is not ours.
  static Result<UserRecord> decode(View value);
};

/// `M`.
struct MailboxRecord {
  std::uint32_t uidValidity = 0;
  Uid uidNext = 1;
  Modseq highestModseq = 0;
  Modseq tombstoneFloor = 0;  ///< tombstones up to here may be forgotten
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;
  std::uint32_t tombstones = 0;
  Uid recentUid = 0;  ///< UIDs up to here are no longer \Recent
  std::uint64_t bytes = 0;
  Id128 mailboxId;
  SpecialUse specialUse = 0;
  Modseq listModseq = 0;     ///< of its row in `L`
  bool dying = false;        ///< removed from the list; its messages are being given back
  bool adopted = false;      ///< its UIDVALIDITY comes from another server (import.h)
  Modseq createdModseq = 0;  ///< since when its MAILBOXID is there; 0: from before this was noted
  bool operator==(const MailboxRecord&) const = default;

  static constexpr std::size_t kSize = 128;
  [[nodiscard]] Bytes encode() const;
  static Result<MailboxRecord> decode(View value);
};

/// `K`: names by bit; an empty one is a free place.
struct KeywordTable {
  std::vector<std::string> names;

  /// The bit of `name` in any case, or nothing.
  [[nodiscard]] std::optional<unsigned> find(View name) const;
  [[nodiscard]] Bytes encode() const;
  static Result<KeywordTable> decode(View value);
};
/// Whether a keyword can be stored: an IMAP atom of 1 to kMaxKeywordLength characters that is no system flag.
bool isKeyword(View name);

/// `T`, with the modseq of its key.
Bytes encodeTombstones(const std::vector<Tombstone>& tombstones);
Status decodeTombstones(View value, Modseq modseq, std::vector<Tombstone>* out);

/// `L`.
Bytes encodeListChange(const ListChange& change);
Result<ListChange> decodeListChange(View key, View value);

/// `Y`: UIDLs by the UID's place in its cold block.
struct UidlBlock {
  std::vector<std::pair<std::uint8_t, std::string>> uidls;

  [[nodiscard]] const std::string* find(std::uint8_t index) const;
  void put(std::uint8_t index, std::string uidl);
  void drop(std::uint8_t index);
  [[nodiscard]] bool empty() const { return uidls.empty(); }
  [[nodiscard]] Bytes encode() const;
  static Result<UidlBlock> decode(View value);
};
bool isUidl(View text);

/// The value of `N` and of `G`.
Bytes encodeNumber(std::uint32_t number);
Result<std::uint32_t> decodeNumber(View value);

}  // namespace posthorn::store
