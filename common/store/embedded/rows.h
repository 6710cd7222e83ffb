// SPDX-License-Identifier: Apache-2.0
#pragma once

// Keys of the index and the engine's own rows. A user key carries the prefix 1; the engine's keys begin with
// 0 and a letter, so that no user key can ever meet one.
//   0 'A'               Position: how far of the log the index shows
//   0 'S' segment       SegmentRow
//   0 'D' segment off   u64 length: a released record at this place
//   0 'M' segment off   a blob's new place, by the place in its reference: segment u32, offset u64

#include <array>
#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/store/embedded/format.h"
#include "common/store/embedded/ops.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

/// A key of the index, on the stack.
class Key {
 public:
  static Key user(View key);
  /// The bound behind a range of user keys: `to`, or behind all of them when it is empty.
  static Key userEnd(View to);
  static Key position();
  static Key segment(std::uint32_t number);
  static Key dead(Place place);
  static Key moved(Place place);
  /// [first, last) holds all rows of the kind that belong to the segment.
  static Key deadFirst(std::uint32_t segment) { return dead({segment, 0}); }
  static Key deadLast(std::uint32_t segment);
  static Key segmentsEnd();

  operator View() const { return {raw_.data(), size_}; }  // NOLINT(google-explicit-constructor)

 private:
  void add(View bytes);
  template <std::unsigned_integral T>
  void addBe(T value);
  static Key placed(char tag, Place place);
  std::array<char, kMaxKey + 1> raw_;
  std::size_t size_ = 0;
};

/// How far of the log the index shows, and totals. Written with every commit.
struct Position {
  Id128 account;
  std::uint64_t lsn = 0;    ///< of the last commit shown; 0 = an empty account
  std::uint64_t nonce = 0;  ///< of its batch
  std::uint64_t version = 0;
  std::uint32_t segment = 1;         ///< the Main segment that it lies in
  std::uint64_t batch = 0;           ///< where its Batch record lies
  std::uint64_t end = kFirstRecord;  ///< where its group ends: the next one begins there
  std::uint32_t nextSegment = 2;     ///< no segment of the account has this number or a higher one
  std::uint32_t baseSegment = 0;     ///< the Snapshot that replay starts from; 0 = from the first group
  std::uint64_t baseLsn = 0;
  std::uint64_t bytesLive = 0;
  std::uint64_t bytesDead = 0;
  std::uint64_t bytesLog = 0;
  bool sealed = false;   ///< the next group goes to a new segment, whatever the size of this one
  bool removed = false;  ///< the account's directory is being deleted: every call answers NotFound
};
/// Whether the next group goes to a new segment.
inline bool isFull(const Position& position) {
  return position.sealed || position.end >= kSegmentLimit;
}
Bytes encodePosition(const Position& position);
std::optional<Position> decodePosition(View bytes);

struct SegmentRow {
  SegmentKind kind = SegmentKind::Main;
  std::uint64_t size = 0;
  std::uint64_t live = 0;     ///< bytes of live Msg records
  std::uint64_t dead = 0;     ///< bytes of released ones
  std::uint64_t lastLsn = 0;  ///< Main: of its last group
};
Bytes encodeSegmentRow(const SegmentRow& row);
std::optional<SegmentRow> decodeSegmentRow(View bytes);
std::uint32_t segmentOfKey(View segmentKey);
Place placeOfKey(View placedKey);

Bytes encodePlace(Place place);
std::optional<Place> decodePlace(View bytes);

}  // namespace posthorn::store::embedded
