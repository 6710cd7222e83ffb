// SPDX-License-Identifier: Apache-2.0
#include "common/store/blocks.h"

#include <string>

#include "common/store/fields.h"

namespace posthorn::store {

namespace {

Error corrupt(const char* what) {
  return makeError(Errc::Corrupt, std::string("store: ") + what + " cannot be read");
}

// Bits of a cold entry.
constexpr std::uint16_t kDotLines = 1;
constexpr std::uint16_t kHasNul = 2;
constexpr std::uint16_t kEightBit = 4;
constexpr std::uint16_t kShared = 8;
constexpr std::uint16_t kSecondCopy = 16;
constexpr std::uint16_t kImportedUidl = 32;
constexpr std::uint16_t kKnownBits = 63;

// Places of the fields in a cold entry that ColdColumns reads.
constexpr std::size_t kAtEmailId = 0;
constexpr std::size_t kAtSize = 16;
constexpr std::size_t kAtBits = 20;
constexpr std::size_t kAtBlob = 24;
constexpr std::size_t kAtThread = 60;
constexpr std::size_t kAtReceived = 76;

void putEntry(Bytes& out, const ColdEntry& entry) {
  const MessageFacts& facts = entry.facts;
  unsigned bits = 0;
  if (facts.dotLines) bits |= kDotLines;
  if (facts.hasNul) bits |= kHasNul;
  if (facts.eightBit) bits |= kEightBit;
  if (entry.shared) bits |= kShared;
  if (entry.secondCopy) bits |= kSecondCopy;
  if (entry.importedUidl) bits |= kImportedUidl;
  out.append(facts.emailId.view());
  putLe(out, facts.size);
  putLe(out, static_cast<std::uint16_t>(bits));
  putLe(out, static_cast<std::uint16_t>(facts.internalDate.zoneMinutes));
  putLe(out, entry.blob.segment);
  putLe(out, entry.blob.offset);
  putLe(out, entry.blob.length);
  putLe(out, entry.blob.crc);
  putLe(out, entry.bodyOffset);
  putLe(out, facts.headerLength);
  putLe(out, facts.lines);
  putLe(out, facts.threadId);
  putLe(out, facts.createdModseq);
  putLe(out, static_cast<std::uint64_t>(facts.internalDate.seconds));
  putLe(out, static_cast<std::uint64_t>(facts.saveDate));
  putLe(out, std::uint64_t{0});  // room for codec and length of a compressed body
  putLe(out, std::uint32_t{0});
}

bool getEntry(FieldReader& in, ColdEntry* entry) {
  MessageFacts& facts = entry->facts;
  facts.emailId = in.id();
  facts.size = in.get<std::uint32_t>();
  const auto bits = in.get<std::uint16_t>();
  facts.internalDate.zoneMinutes = static_cast<std::int16_t>(in.get<std::uint16_t>());
  entry->blob.segment = in.get<std::uint32_t>();
  entry->blob.offset = in.get<std::uint64_t>();
  entry->blob.length = in.get<std::uint64_t>();
  entry->blob.crc = in.get<std::uint32_t>();
  entry->bodyOffset = in.get<std::uint32_t>();
  facts.headerLength = in.get<std::uint32_t>();
  facts.lines = in.get<std::uint32_t>();
  facts.threadId = in.get<std::uint64_t>();
  facts.createdModseq = in.get<std::uint64_t>();
  facts.internalDate.seconds = static_cast<std::int64_t>(in.get<std::uint64_t>());
  facts.saveDate = static_cast<std::int64_t>(in.get<std::uint64_t>());
  const auto reserved = in.get<std::uint64_t>() | in.get<std::uint32_t>();
  facts.dotLines = (bits & kDotLines) != 0;
  facts.hasNul = (bits & kHasNul) != 0;
  facts.eightBit = (bits & kEightBit) != 0;
  entry->shared = (bits & kShared) != 0;
  entry->secondCopy = (bits & kSecondCopy) != 0;
  entry->importedUidl = (bits & kImportedUidl) != 0;
  return (bits & ~kKnownBits) == 0 && reserved == 0 && facts.headerLength <= facts.size &&
         entry->bodyOffset <= entry->blob.length && facts.size <= entry->blob.length - entry->bodyOffset;
}

}  // namespace

void HotBlock::set(unsigned index, const Entry& entry) {
  const std::uint64_t bit = std::uint64_t{1} << index;
  entries.at(index) = entry;
  present |= bit;
  seen = (entry.flags & kSeen) != 0 ? seen | bit : seen & ~bit;
  deleted = (entry.flags & kDeleted) != 0 ? deleted | bit : deleted & ~bit;
  if (entry.modseq > maxModseq) maxModseq = entry.modseq;
}

void HotBlock::drop(unsigned index) {
  const std::uint64_t bit = std::uint64_t{1} << index;
  entries.at(index) = Entry{};
  present &= ~bit;
  seen &= ~bit;
  deleted &= ~bit;
}

Bytes HotBlock::encode() const {
  Bytes out;
  out.reserve(32 + 16 * static_cast<std::size_t>(std::popcount(present)));
  putLe(out, maxModseq);
  putLe(out, present);
  putLe(out, seen);
  putLe(out, deleted);
  for (unsigned i = 0; i < kHotUids; ++i) {
    if (!has(i)) continue;
    putLe(out, entries[i].modseq | std::uint64_t{entries[i].flags} << 48);
    putLe(out, entries[i].keywords);
  }
  return out;
}

Result<HotBlock> HotBlock::decode(View value) {
  FieldReader in(value);
  HotBlock block;
  block.maxModseq = in.get<std::uint64_t>();
  block.present = in.get<std::uint64_t>();
  block.seen = in.get<std::uint64_t>();
  block.deleted = in.get<std::uint64_t>();
  std::uint64_t seen = 0;
  std::uint64_t deleted = 0;
  for (unsigned i = 0; i < kHotUids; ++i) {
    if (!block.has(i)) continue;
    const auto packed = in.get<std::uint64_t>();
    Entry& entry = block.entries.at(i);
    entry.modseq = packed & 0xFFFF'FFFF'FFFFU;
    entry.flags = static_cast<SystemFlags>(packed >> 48);
    entry.keywords = in.get<std::uint64_t>();
    if ((entry.flags & kSeen) != 0) seen |= std::uint64_t{1} << i;
    if ((entry.flags & kDeleted) != 0) deleted |= std::uint64_t{1} << i;
    if (entry.modseq > block.maxModseq || (entry.flags & ~kAllFlags) != 0) return corrupt("hot block");
  }
  if (!in.done() || block.empty() || seen != block.seen || deleted != block.deleted)
    return corrupt("hot block");
  return block;
}

void ColdBlock::set(unsigned index, const ColdEntry& entry) {
  entries.at(index) = entry;
  present = static_cast<std::uint16_t>(present | 1U << index);
}

void ColdBlock::drop(unsigned index) {
  entries.at(index) = ColdEntry{};
  present = static_cast<std::uint16_t>(present & ~(1U << index));
}

Bytes ColdBlock::encode() const {
  Bytes out;
  out.reserve(2 + kEntrySize * static_cast<std::size_t>(std::popcount(present)));
  putLe(out, present);
  for (unsigned i = 0; i < kColdUids; ++i)
    if (has(i)) putEntry(out, entries[i]);
  return out;
}

Result<ColdBlock> ColdBlock::decode(View value) {
  PH_TRY(const auto columns, ColdColumns::of(value));
  FieldReader in(value.substr(2));
  ColdBlock block;
  block.present = columns.present();
  for (unsigned i = 0; i < kColdUids; ++i)
    if (block.has(i) && !getEntry(in, &block.entries.at(i))) return corrupt("cold block");
  return block;
}

Result<ColdColumns> ColdColumns::of(View value) {
  const auto present = getLe<std::uint16_t>(value, 0);
  const auto expected = 2 + ColdBlock::kEntrySize * static_cast<std::size_t>(std::popcount(present));
  if (present == 0 || value.size() != expected) return corrupt("cold block");
  return ColdColumns(value);
}

Id128 ColdColumns::emailId(std::size_t place) const {
  return FieldReader(value_.substr(at(place, kAtEmailId))).id();
}

std::uint32_t ColdColumns::size(std::size_t place) const {
  return getLe<std::uint32_t>(value_, at(place, kAtSize));
}

BlobRef ColdColumns::blob(std::size_t place) const {
  FieldReader in(value_.substr(at(place, kAtBlob)));
  BlobRef blob;
  blob.segment = in.get<std::uint32_t>();
  blob.offset = in.get<std::uint64_t>();
  blob.length = in.get<std::uint64_t>();
  blob.crc = in.get<std::uint32_t>();
  return blob;
}

std::uint64_t ColdColumns::threadId(std::size_t place) const {
  return getLe<std::uint64_t>(value_, at(place, kAtThread));
}

std::int64_t ColdColumns::received(std::size_t place) const {
  return static_cast<std::int64_t>(getLe<std::uint64_t>(value_, at(place, kAtReceived)));
}

bool ColdColumns::shared(std::size_t place) const {
  return (getLe<std::uint16_t>(value_, at(place, kAtBits)) & kShared) != 0;
}

bool ColdColumns::otherUidl(std::size_t place) const {
  return (getLe<std::uint16_t>(value_, at(place, kAtBits)) & (kSecondCopy | kImportedUidl)) != 0;
}

bool ColdColumns::importedUidl(std::size_t place) const {
  return (getLe<std::uint16_t>(value_, at(place, kAtBits)) & kImportedUidl) != 0;
}

}  // namespace posthorn::store
