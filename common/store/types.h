// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/store/engine/engine.h"

// The values that the account layer speaks in. Names are those of RFC 9051, 7162 and 8474.

namespace posthorn::store {

using Uid = std::uint32_t;
using Modseq = std::uint64_t;     ///< one counter per account, over all mailboxes; fits 48 bits
using MailboxNo = std::uint32_t;  ///< a mailbox's number in its account, never reused; 0 is none

using SystemFlags = std::uint16_t;
inline constexpr SystemFlags kSeen = 1;
inline constexpr SystemFlags kAnswered = 2;
inline constexpr SystemFlags kFlagged = 4;
inline constexpr SystemFlags kDeleted = 8;
inline constexpr SystemFlags kDraft = 16;
inline constexpr SystemFlags kAllFlags = kSeen | kAnswered | kFlagged | kDeleted | kDraft;

/// Special uses of a mailbox (RFC 6154, 8457), as bits.
using SpecialUse = std::uint32_t;
inline constexpr SpecialUse kUseAll = 1;
inline constexpr SpecialUse kUseArchive = 2;
inline constexpr SpecialUse kUseDrafts = 4;
inline constexpr SpecialUse kUseFlagged = 8;
inline constexpr SpecialUse kUseJunk = 16;
inline constexpr SpecialUse kUseSent = 32;
inline constexpr SpecialUse kUseTrash = 64;
inline constexpr SpecialUse kUseImportant = 128;
inline constexpr SpecialUse kUseKnown = 255;

/// "\Drafts" and its like in any case; nothing for other texts.
std::optional<SpecialUse> parseSpecialUse(View text);
/// The attributes of `use` in the order of the bits: {"\Sent", "\Trash"}.
std::vector<View> spellSpecialUse(SpecialUse use);

/// "\Seen" and its like in any case, without \Recent; nothing for other texts.
std::optional<SystemFlags> parseSystemFlag(View text);
/// The attributes of `flags` in the order of the bits.
std::vector<View> spellSystemFlags(SystemFlags flags);

/// Both ends belong to it.
struct UidRange {
  Uid first = 0;
  Uid last = 0;
  auto operator<=>(const UidRange&) const = default;
};

/// A set of UIDs as sorted ranges that neither touch nor overlap.
class UidSet {
 public:
  UidSet() = default;
  /// Ranges in any order, either end first.
  static UidSet of(std::vector<UidRange> ranges);
  static UidSet of(const std::vector<Uid>& uids);
  static UidSet all() { return of(std::vector<UidRange>{{1, 0xFFFFFFFFU}}); }

  [[nodiscard]] bool contains(Uid uid) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] const std::vector<UidRange>& ranges() const { return ranges_; }
  /// The members among the 64 UIDs of hot block `block`, as bits.
  [[nodiscard]] std::uint64_t bitsOfBlock(std::uint32_t block) const;

 private:
  std::vector<UidRange> ranges_;
};

/// Limits of an account: -1 is unlimited, 0 is nothing at all.
struct Quota {
  std::int64_t bytes = -1;
  std::int64_t messages = -1;
};

struct QuotaUse {
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  bool operator==(const QuotaUse&) const = default;
};

/// In whose name a process changes accounts: it decides how rich events call what it does.
enum class Origin : std::uint8_t {
  Client,    ///< of a user: IMAP, POP, the web
  Delivery,  ///< mail that comes in
  Server,    ///< of the operator: import, expiry, purge
};

enum class QuotaPolicy : std::uint8_t {
  Enforce,  ///< refuse what would pass the limits (when the store enforces at all)
  Ignore,   ///< count only: `deliver -q`
};

/// A moment and the zone that it was told in, as IMAP's INTERNALDATE needs it.
struct ZonedTime {
  std::int64_t seconds = 0;      ///< since 1970, UTC
  std::int16_t zoneMinutes = 0;  ///< east of Greenwich
  bool operator==(const ZonedTime&) const = default;
};

/// What never changes about one message in one mailbox.
struct MessageFacts {
  Id128 emailId;                   ///< shared by copies inside the account
  std::uint64_t threadId = 0;      ///< never 0 once stored
  std::uint32_t size = 0;          ///< RFC822.SIZE: octets of the body with CRLF lines
  std::uint32_t headerLength = 0;  ///< octets up to and with the empty line; `size` when there is none
  std::uint32_t lines = 0;         ///< CRLFs in it
  ZonedTime internalDate;
  std::int64_t saveDate = 0;  ///< when it came into this mailbox (RFC 8514)
  Modseq createdModseq = 0;   ///< when it came into this mailbox, or lost \Deleted there: JMAP's view of it
  bool dotLines = true;       ///< a line begins with a dot: POP must stuff it
  bool hasNul = false;        ///< contains a NUL octet
  bool eightBit = false;      ///< contains an octet over 0x7F
  bool operator==(const MessageFacts&) const = default;
};

/// One message of a listing.
struct MessageRow {
  Uid uid = 0;
  Modseq modseq = 0;
  SystemFlags flags = 0;
  std::uint64_t keywords = 0;  ///< bit n is name n of the mailbox's keyword table
  MessageFacts facts;
  bool operator==(const MessageRow&) const = default;
};

/// STATUS, all of it from one record.
struct MailboxStatus {
  MailboxNo number = 0;
  Id128 mailboxId;  ///< survives RENAME
  std::uint32_t uidValidity = 0;
  Uid uidNext = 0;
  Modseq highestModseq = 0;
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;
  std::uint64_t bytes = 0;
  SpecialUse specialUse = 0;
  bool operator==(const MailboxStatus&) const = default;
};

/// A message's text. Any thread; the slice pins it.
struct MessageBody {
  BlobSlice slice;  ///< the whole message, CRLF lines
  std::uint32_t size = 0;
  std::uint32_t headerLength = 0;  ///< TOP sends these and then n lines more
  std::uint32_t lines = 0;
  bool dotLines = true;  ///< false: can be sent as it is, no line begins with a dot
  bool eightBit = true;  ///< false: all of it is ASCII
};

}  // namespace posthorn::store
