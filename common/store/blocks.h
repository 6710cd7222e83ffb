// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/engine/engine.h"
#include "common/store/schema.h"
#include "common/store/types.h"

namespace posthorn::store {

/// `H`: the changing state of 64 UIDs. Entries of UIDs that are not present are all zero.
struct HotBlock {
  struct Entry {
    Modseq modseq = 0;
    SystemFlags flags = 0;
    std::uint64_t keywords = 0;
    bool operator==(const Entry&) const = default;
  };
  Modseq maxModseq = 0;  ///< of all that were ever in it since it was last empty
  std::uint64_t present = 0;
  std::uint64_t seen = 0;
  std::uint64_t deleted = 0;
  std::array<Entry, kHotUids> entries{};

  [[nodiscard]] bool has(unsigned index) const { return (present >> index & 1) != 0; }
  [[nodiscard]] bool empty() const { return present == 0; }
  /// Sets an entry and keeps the bitmaps right.
  void set(unsigned index, const Entry& entry);
  void drop(unsigned index);

  static constexpr std::size_t kMaxSize = 32 + 16 * kHotUids;
  [[nodiscard]] Bytes encode() const;
  static Result<HotBlock> decode(View value);
  bool operator==(const HotBlock&) const = default;
};

/// One message of `C`.
struct ColdEntry {
  MessageFacts facts;
  BlobRef blob;
  std::uint32_t bodyOffset = 0;  ///< in the blob
  bool shared = false;           ///< `G` may count more references to the blob than this one
  bool secondCopy = false;       ///< its UIDL has its UID behind it: the mailbox had this EMAILID already
  bool importedUidl = false;     ///< its UIDL is in `Y`
  bool operator==(const ColdEntry&) const = default;
};

/// `C`: the lasting facts of 16 UIDs.
struct ColdBlock {
  std::uint16_t present = 0;
  std::array<ColdEntry, kColdUids> entries{};

  [[nodiscard]] bool has(unsigned index) const { return (present >> index & 1) != 0; }
  [[nodiscard]] bool empty() const { return present == 0; }
  void set(unsigned index, const ColdEntry& entry);
  void drop(unsigned index);

  static constexpr std::size_t kEntrySize = 104;
  static constexpr std::size_t kMaxSize = 2 + kEntrySize * kColdUids;
  [[nodiscard]] Bytes encode() const;
  static Result<ColdBlock> decode(View value);
};

/// The columns that a maildrop is opened with, read in place. `value` must outlive it.
class ColdColumns {
 public:
  /// Corrupt when the block's size does not fit its bitmap.
  static Result<ColdColumns> of(View value);

  [[nodiscard]] std::uint16_t present() const { return getLe<std::uint16_t>(value_, 0); }
  // `place` counts the present entries from 0.
  [[nodiscard]] Id128 emailId(std::size_t place) const;
  [[nodiscard]] std::uint32_t size(std::size_t place) const;
  [[nodiscard]] BlobRef blob(std::size_t place) const;
  [[nodiscard]] std::uint64_t threadId(std::size_t place) const;
  /// INTERNALDATE, in seconds since 1970.
  [[nodiscard]] std::int64_t received(std::size_t place) const;
  [[nodiscard]] bool shared(std::size_t place) const;
  /// Its UIDL is not just its EMAILID.
  [[nodiscard]] bool otherUidl(std::size_t place) const;
  [[nodiscard]] bool importedUidl(std::size_t place) const;

 private:
  explicit ColdColumns(View value) : value_(value) {}
  [[nodiscard]] std::size_t at(std::size_t place, std::size_t field) const {
    return 2 + place * ColdBlock::kEntrySize + field;
  }
  View value_;
};

}  // namespace posthorn::store
