// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/rows.h"

#include <cstring>

namespace posthorn::store::embedded {

void Key::add(View bytes) {
  const std::size_t room = raw_.size() - size_;
  const std::size_t count = bytes.size() < room ? bytes.size() : room;
  if (count != 0) std::memcpy(raw_.data() + size_, bytes.data(), count);
  size_ += count;
}

template <std::unsigned_integral T>
void Key::addBe(T value) {
  Bytes raw;
  putBe(raw, value);
  add(raw);
}

Key Key::user(View key) {
  Key out;
  out.add(View("\x01", 1));
  out.add(key);
  return out;
}

Key Key::userEnd(View to) {
  if (!to.empty()) return user(to);
  Key out;
  out.add(View("\x02", 1));
  return out;
}

Key Key::placed(char tag, Place place) {
  Key out;
  out.add(View("\0", 1));
  out.add(View(&tag, 1));
  out.addBe(place.segment);
  out.addBe(place.offset);
  return out;
}

Key Key::position() {
  Key out;
  out.add(View("\0A", 2));
  return out;
}

Key Key::segment(std::uint32_t number) {
  Key out;
  out.add(View("\0S", 2));
  out.addBe(number);
  return out;
}

Key Key::segmentsEnd() {
  Key out;
  out.add(View("\0T", 2));
  return out;
}

Key Key::dead(Place place) {
  return placed('D', place);
}

Key Key::deadLast(std::uint32_t segment) {
  Key out = dead({segment, ~std::uint64_t{0}});
  out.add(View("\0", 1));
  return out;
}

Key Key::moved(Place place) {
  return placed('M', place);
}

Bytes encodePosition(const Position& position) {
  Bytes out;
  putLe(out, kFormatVersion);
  putLe(out, static_cast<std::uint16_t>((position.removed ? 1 : 0) | (position.sealed ? 2 : 0)));
  putLe(out, position.segment);
  out.append(position.account.view());
  putLe(out, position.lsn);
  putLe(out, position.nonce);
  putLe(out, position.version);
  putLe(out, position.end);
  putLe(out, position.nextSegment);
  putLe(out, position.baseSegment);
  putLe(out, position.baseLsn);
  putLe(out, position.bytesLive);
  putLe(out, position.bytesDead);
  putLe(out, position.bytesLog);
  putLe(out, position.batch);
  return out;
}

std::optional<Position> decodePosition(View bytes) {
  if (bytes.size() != 104 || getLe<std::uint16_t>(bytes, 0) != kFormatVersion) return {};
  Position out;
  out.removed = (getLe<std::uint16_t>(bytes, 2) & 1) != 0;
  out.sealed = (getLe<std::uint16_t>(bytes, 2) & 2) != 0;
  out.segment = getLe<std::uint32_t>(bytes, 4);
  std::memcpy(out.account.raw.data(), bytes.data() + 8, 16);
  out.lsn = getLe<std::uint64_t>(bytes, 24);
  out.nonce = getLe<std::uint64_t>(bytes, 32);
  out.version = getLe<std::uint64_t>(bytes, 40);
  out.end = getLe<std::uint64_t>(bytes, 48);
  out.nextSegment = getLe<std::uint32_t>(bytes, 56);
  out.baseSegment = getLe<std::uint32_t>(bytes, 60);
  out.baseLsn = getLe<std::uint64_t>(bytes, 64);
  out.bytesLive = getLe<std::uint64_t>(bytes, 72);
  out.bytesDead = getLe<std::uint64_t>(bytes, 80);
  out.bytesLog = getLe<std::uint64_t>(bytes, 88);
  out.batch = getLe<std::uint64_t>(bytes, 96);
  return out;
}

Bytes encodeSegmentRow(const SegmentRow& row) {
  Bytes out;
  putLe(out, static_cast<std::uint64_t>(row.kind));
  putLe(out, row.size);
  putLe(out, row.live);
  putLe(out, row.dead);
  putLe(out, row.lastLsn);
  return out;
}

std::optional<SegmentRow> decodeSegmentRow(View bytes) {
  if (bytes.size() != 40) return {};
  const auto kind = getLe<std::uint64_t>(bytes, 0);
  if (kind < 1 || kind > 3) return {};
  return SegmentRow{static_cast<SegmentKind>(kind), getLe<std::uint64_t>(bytes, 8),
                    getLe<std::uint64_t>(bytes, 16), getLe<std::uint64_t>(bytes, 24),
                    getLe<std::uint64_t>(bytes, 32)};
}

std::uint32_t segmentOfKey(View segmentKey) {
  return getBe<std::uint32_t>(segmentKey, 2);
}

Place placeOfKey(View placedKey) {
  return {getBe<std::uint32_t>(placedKey, 2), getBe<std::uint64_t>(placedKey, 6)};
}

Bytes encodePlace(Place place) {
  Bytes out;
  putLe(out, place.segment);
  putLe(out, place.offset);
  return out;
}

std::optional<Place> decodePlace(View bytes) {
  if (bytes.size() != 12) return {};
  return Place{getLe<std::uint32_t>(bytes, 0), getLe<std::uint64_t>(bytes, 4)};
}

}  // namespace posthorn::store::embedded
