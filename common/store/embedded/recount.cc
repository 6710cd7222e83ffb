// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/recount.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "common/store/embedded/files.h"
#include "common/store/embedded/ledger.h"
#include "common/store/embedded/log_scan.h"
#include "common/store/embedded/segment.h"

namespace posthorn::store::embedded {

namespace {

class Recount {
 public:
  Recount(const AccountDir& account, Txn& txn, Position& position, RepairReport& report)
      : account_(account), txn_(txn), position_(position), report_(report) {}
  Status run();

 private:
  struct Entry {
    SegmentPtr segment;             ///< null: the file is gone
    std::optional<SegmentRow> row;  ///< nothing: not listed
  };
  enum class Standing { Live, Dead, Nobodys };

  Status collect();
  Status count(std::uint32_t number, Entry& entry);
  Status drop(std::uint32_t number, const SegmentRow& row);
  Result<Standing> judge(const SegmentFile& segment, std::uint64_t offset, const RecordHeader& record);
  Result<bool> holds(Place place, const RecordHeader& record);

  const AccountDir& account_;
  Txn& txn_;
  Position& position_;
  RepairReport& report_;
  std::map<std::uint32_t, Entry> entries_;
};

Status Recount::collect() {
  PH_TRY(const auto listed, listSegments(txn_));
  for (const ListedSegment& segment : listed) entries_[segment.number].row = segment.row;
  PH_TRY(const auto names, listDir(account_.log.get()));
  for (const auto& name : names) {
    const auto number = parseSegmentName(name);
    if (!number) continue;
    position_.nextSegment = std::max(position_.nextSegment, *number + 1);
    auto segment = openSegment(account_.log.get(), *number);
    if (!segment.ok() && segment.error().code == Errc::Corrupt) continue;
    if (!segment.ok()) return segment.error();
    if ((*segment)->header.account == position_.account) entries_[*number].segment = std::move(*segment);
  }
  return {};
}

// Whether a blob of this size and CRC stands there.
Result<bool> Recount::holds(Place place, const RecordHeader& record) {
  const auto entry = entries_.find(place.segment);
  if (entry == entries_.end() || !entry->second.segment) return false;
  PH_TRY(const auto found, readRecordHeader(*entry->second.segment, place.offset));
  return found && found->type == RecordType::Msg && found->length == record.length &&
         found->bodyCrc == record.bodyCrc;
}

Result<Recount::Standing> Recount::judge(const SegmentFile& segment, std::uint64_t offset,
                                         const RecordHeader& record) {
  const Place here{segment.header.number, offset};
  PH_TRY(const bool dead, isDead(txn_, here));
  if (dead) return Standing::Dead;
  const Place first = firstPlace(segment.header, offset, record);
  PH_TRY(const Place current, currentPlace(txn_, first));
  if (current == here) return Standing::Live;
  PH_TRY(const bool elsewhere, holds(current, record));
  if (elsewhere) return Standing::Nobodys;  // references find the other one
  PH_TRY(const BodyState body, checkBody(segment, offset, record));
  if (body != BodyState::Sound) return Standing::Nobodys;
  if (first == here)
    PH_CHECK(txn_.erase(Key::moved(first)));
  else
    PH_CHECK(txn_.put(Key::moved(first), encodePlace(here)));
  return Standing::Live;
}

Status Recount::drop(std::uint32_t number, const SegmentRow& row) {
  if (row.live != 0)
    report_.damage.push_back(fmt::format("log/{}: {} bytes of blobs are lost: the segment is gone",
                                         segmentName(number), row.live));
  PH_CHECK(txn_.eraseRange(Key::deadFirst(number), Key::deadLast(number),
                           std::numeric_limits<std::size_t>::max()));
  PH_CHECK(txn_.erase(Key::segment(number)));
  return {};
}

Status Recount::count(std::uint32_t number, Entry& entry) {
  const SegmentFile& segment = *entry.segment;
  SegmentRow row = entry.row.value_or(SegmentRow{});
  row.kind = segment.header.kind;
  row.live = row.dead = 0;
  const bool active = number == position_.segment;
  PH_TRY(std::uint64_t end, fileSize(segment.fd.get()));
  if (active) end = position_.end;  // what stands behind it was given up
  PH_CHECK(walkRecords(segment, end, [&](std::uint64_t offset, const RecordHeader& record) -> Status {
    row.size = std::max(row.size, offset + recordSize(record.length));
    if (row.kind == SegmentKind::Main) row.lastLsn = std::max(row.lastLsn, record.lsn);
    if (record.type != RecordType::Msg) return {};
    PH_TRY(const Standing standing, judge(segment, offset, record));
    if (standing == Standing::Live) row.live += recordSize(record.length);
    if (standing == Standing::Dead) row.dead += recordSize(record.length);
    return {};
  }));
  if (!entry.row && row.live == 0) return {};  // unfinished or unused: maintain collects it
  position_.bytesLive += row.live;
  position_.bytesDead += row.dead;
  position_.bytesLog += row.size;
  return txn_.put(Key::segment(number), encodeSegmentRow(row));
}

Status Recount::run() {
  PH_CHECK(collect());
  position_.bytesLive = position_.bytesDead = position_.bytesLog = 0;
  for (auto& [number, entry] : entries_) {
    const bool snapshot = entry.segment ? entry.segment->header.kind == SegmentKind::Snapshot
                                        : entry.row->kind == SegmentKind::Snapshot;
    if (snapshot && entry.row) position_.bytesLog += entry.row->size;
    if (snapshot) continue;
    PH_CHECK(entry.segment ? count(number, entry) : drop(number, *entry.row));
  }
  // What the lost commits have left behind the end must never pass for what follows the next one.
  position_.sealed = true;
  return txn_.put(Key::position(), encodePosition(position_));
}

}  // namespace

Status recount(const AccountDir& account, Txn& txn, Position& position, RepairReport& report) {
  return Recount(account, txn, position, report).run();
}

}  // namespace posthorn::store::embedded
