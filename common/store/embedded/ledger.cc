// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/ledger.h"

#include <algorithm>
#include <limits>

namespace posthorn::store::embedded {

static Error corruptRow(const char* what) {
  return makeError(Errc::Corrupt, std::string("index: ") + what + " does not parse");
}

Result<Position> readPosition(Txn& txn) {
  auto raw = txn.get(Key::position());
  if (!raw.ok() && raw.error().code == Errc::NotFound) return corruptRow("the position");
  if (!raw.ok()) return raw.error();
  const auto position = decodePosition(*raw);
  if (!position) return corruptRow("the position");
  return *position;
}

Result<Place> currentPlace(Txn& txn, Place first) {
  auto raw = txn.get(Key::moved(first));
  if (!raw.ok() && raw.error().code == Errc::NotFound) return first;
  if (!raw.ok()) return raw.error();
  const auto place = decodePlace(*raw);
  if (!place) return corruptRow("a moved blob");
  return *place;
}

Result<bool> isDead(Txn& txn, Place place) {
  auto raw = txn.get(Key::dead(place));
  if (raw.ok()) return true;
  if (raw.error().code == Errc::NotFound) return false;
  return raw.error();
}

Place firstPlace(const SegmentHeader& segment, std::uint64_t offset, const RecordHeader& record) {
  if (segment.kind == SegmentKind::Main) return {segment.number, offset};
  return {static_cast<std::uint32_t>(record.lsn), record.nonce};
}

Result<bool> isLive(Txn& txn, const SegmentHeader& segment, std::uint64_t offset,
                    const RecordHeader& record) {
  const Place here{segment.number, offset};
  PH_TRY(const bool dead, isDead(txn, here));
  if (dead) return false;
  PH_TRY(const Place current, currentPlace(txn, firstPlace(segment, offset, record)));
  return current == here;
}

Result<std::vector<ListedSegment>> listSegments(Txn& txn) {
  std::vector<ListedSegment> list;
  bool sound = true;
  PH_CHECK(txn.scan(Key::segment(0), Key::segmentsEnd(), [&](View key, View value) {
    const auto row = decodeSegmentRow(value);
    sound = row.has_value();
    if (row) list.push_back({segmentOfKey(key), *row});
    return sound;
  }));
  if (!sound) return corruptRow("a segment row");
  return list;
}

Result<SegmentRow> Ledger::segmentRow(std::uint32_t number) {
  PH_TRY(const View raw, txn_.get(Key::segment(number)));
  const auto row = decodeSegmentRow(raw);
  if (!row) return corruptRow("a segment row");
  return *row;
}

Status Ledger::setSegmentRow(std::uint32_t number, const SegmentRow& row) {
  return txn_.put(Key::segment(number), encodeSegmentRow(row));
}

Status Ledger::addLive(std::uint32_t segment, std::uint64_t bytes) {
  auto found = segmentRow(segment);
  if (!found.ok() && found.error().code != Errc::NotFound) return found.error();
  SegmentRow row = found.ok() ? *found : SegmentRow{};  // a Main segment's row is made by its first group
  row.live += bytes;
  position_.bytesLive += bytes;
  return setSegmentRow(segment, row);
}

Status Ledger::attach(const BlobRef& blob) {
  return addLive(blob.segment, recordSize(blob.length));
}

// Marks the record dead, once: a second release, or one of a blob in no segment, changes nothing. The mark
// is what counts; the sums only guide compaction.
Status Ledger::kill(Place place, std::uint64_t length) {
  PH_TRY(const bool dead, isDead(txn_, place));
  if (dead) return {};
  auto found = segmentRow(place.segment);
  const std::uint64_t bytes = recordSize(length);
  if (!found.ok()) return found.error().code == Errc::NotFound ? Status() : Status(found.error());
  SegmentRow row = *found;
  row.live -= std::min(row.live, bytes);
  row.dead += bytes;
  position_.bytesLive -= std::min(position_.bytesLive, bytes);
  position_.bytesDead += bytes;
  Bytes value;
  putLe(value, length);
  PH_CHECK(txn_.put(Key::dead(place), value));
  return setSegmentRow(place.segment, row);
}

Status Ledger::release(const BlobRef& blob) {
  PH_TRY(const Place place, currentPlace(txn_, blob));
  PH_CHECK(kill(place, blob.length));
  PH_CHECK(txn_.erase(Key::moved({blob.segment, blob.offset})));
  return {};
}

Status Ledger::addSegment(const Op& op) {
  position_.nextSegment = std::max(position_.nextSegment, op.segment + 1);
  position_.bytesLog += op.number;
  return setSegmentRow(op.segment, SegmentRow{op.kind, op.number, 0, 0, 0});
}

// The copy counts as live and the old record as dead; a blob released meanwhile stays dead where it was.
Status Ledger::move(const Op& op) {
  PH_TRY(const Place old, currentPlace(txn_, op.blob));
  PH_TRY(const bool dead, isDead(txn_, old));
  if (dead) return {};
  PH_CHECK(addLive(op.to.segment, recordSize(op.blob.length)));
  PH_CHECK(kill(old, op.blob.length));
  return txn_.put(Key::moved({op.blob.segment, op.blob.offset}), encodePlace(op.to));
}

Status Ledger::dropSegment(std::uint32_t number) {
  auto found = segmentRow(number);
  if (!found.ok()) return found.error().code == Errc::NotFound ? Status() : Status(found.error());
  position_.bytesLog -= std::min(position_.bytesLog, found->size);
  position_.bytesLive -= std::min(position_.bytesLive, found->live);
  position_.bytesDead -= std::min(position_.bytesDead, found->dead);
  PH_CHECK(txn_.eraseRange(Key::deadFirst(number), Key::deadLast(number),
                           std::numeric_limits<std::size_t>::max()));
  PH_CHECK(txn_.erase(Key::segment(number)));
  return {};
}

Status Ledger::note(const Op& op) {
  switch (op.type) {
    case OpType::Attach:
      return attach(op.blob);
    case OpType::Release:
      return release(op.blob);
    case OpType::AddSegment:
      return addSegment(op);
    case OpType::Move:
      return move(op);
    case OpType::DropSegment:
      return dropSegment(op.segment);
    case OpType::SetBase:
      position_.baseSegment = op.segment;
      position_.baseLsn = op.number;
      return {};
    case OpType::Seal:
      position_.sealed = true;
      return {};
    case OpType::Put:
    case OpType::Erase:
    case OpType::EraseRange:
      return makeError(Errc::Internal, "store: a row op is no ledger op");
  }
  return makeError(Errc::Corrupt, "store: unknown op");
}

Status Ledger::apply(const Op& op) {
  switch (op.type) {
    case OpType::Put:
      return txn_.put(Key::user(op.key), op.value);
    case OpType::Erase:
      PH_CHECK(txn_.erase(Key::user(op.key)));
      return {};
    case OpType::EraseRange:
      PH_CHECK(txn_.eraseRange(Key::user(op.key), Key::userEnd(op.value), kMaxErased));
      return {};
    default:
      return note(op);
  }
}

Status Ledger::advance(const Committed& group) {
  auto found = segmentRow(group.segment);
  if (!found.ok() && found.error().code != Errc::NotFound) return found.error();
  SegmentRow row = found.ok() ? *found : SegmentRow{};
  position_.bytesLog += group.end - std::min(group.end, row.size);
  row.size = group.end;
  row.lastLsn = group.lsn;
  PH_CHECK(setSegmentRow(group.segment, row));
  if (position_.segment != group.segment) position_.sealed = false;
  position_.segment = group.segment;
  position_.batch = group.batch;
  position_.end = group.end;
  position_.nextSegment = std::max(position_.nextSegment, group.segment + 1);
  position_.lsn = group.lsn;
  position_.nonce = group.nonce;
  position_.version = group.version;
  return txn_.put(Key::position(), encodePosition(position_));
}

}  // namespace posthorn::store::embedded
