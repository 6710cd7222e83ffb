// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/snapshot.h"

#include <limits>

#include "common/store/embedded/files.h"
#include "common/store/engine/crc.h"

namespace posthorn::store::embedded {

static constexpr std::size_t kRowsBody = std::size_t{512} * 1024;

namespace {

class SnapshotWriter {
 public:
  SnapshotWriter(const SegmentFile& segment, const Position& position)
      : segment_(segment), position_(position) {}

  Status row(View key, View value) {
    putLe(body_, static_cast<std::uint32_t>(key.size()));
    putLe(body_, static_cast<std::uint32_t>(value.size()));
    body_.append(key);
    body_.append(value);
    return body_.size() < kRowsBody ? Status() : record(RecordType::Rows);
  }

  Status record(RecordType type) {
    const RecordHeader header{type, body_.size(), position_.lsn, position_.nonce, crc32Of(body_)};
    Bytes raw = encodeRecordHeader(segment_.header, offset_, header);
    raw.append(body_);
    raw.resize(static_cast<std::size_t>(recordSize(body_.size())), '\0');
    PH_CHECK(writeAll(segment_.fd.get(), offset_, raw));
    offset_ += raw.size();
    body_.clear();
    return {};
  }

 private:
  const SegmentFile& segment_;
  const Position& position_;
  std::uint64_t offset_ = kFirstRecord;
  Bytes body_;
};

// Behind all keys of the index, whose first byte is 0 or 1.
constexpr View kFirstKey{"\0", 1};
constexpr View kLastKey{"\x02", 1};

}  // namespace

Result<StagedSegment> writeSnapshot(int logDir, Index& index, Txn& txn, const Position& position) {
  SegmentHeader header;
  header.kind = SegmentKind::Snapshot;
  header.account = position.account;
  header.lsn = position.lsn;
  header.nonce = position.nonce;
  PH_TRY(StagedSegment staged, StagedSegment::create(logDir, header, index));
  SnapshotWriter writer(*staged.segment, position);
  Status status;
  PH_CHECK(txn.scan(kFirstKey, kLastKey, [&](View key, View value) {
    status = writer.row(key, value);
    return status.ok();
  }));
  PH_CHECK(status);
  PH_CHECK(writer.record(RecordType::Rows));
  PH_CHECK(writer.record(RecordType::SnapshotEnd));
  PH_CHECK(flushData(staged.segment->fd.get()));
  PH_CHECK(flushDir(logDir));
  return staged;
}

// Calls `rows` with each Rows body; true when the snapshot is whole.
static Result<bool> walkSnapshot(const SegmentFile& segment, std::uint64_t& offset,
                                 const std::function<Status(View)>& rows) {
  offset = kFirstRecord;
  for (;;) {
    PH_TRY(const auto header, readRecordHeader(segment, offset));
    if (!header || header->lsn != segment.header.lsn || header->nonce != segment.header.nonce) return false;
    PH_TRY(const auto body, readBody(segment, offset, *header));
    if (!body) return false;
    offset += recordSize(header->length);
    if (header->type == RecordType::SnapshotEnd) return true;
    if (header->type != RecordType::Rows) return false;
    PH_CHECK(rows(*body));
  }
}

Result<bool> snapshotIsWhole(const SegmentFile& segment) {
  std::uint64_t end = 0;
  return walkSnapshot(segment, end, [](View) { return Status(); });
}

Result<std::uint64_t> snapshotSize(const SegmentFile& segment) {
  std::uint64_t end = 0;
  PH_TRY(const bool whole, walkSnapshot(segment, end, [](View) { return Status(); }));
  if (!whole) return makeError(Errc::Corrupt, "log: a snapshot is not whole");
  return end;
}

static Status loadRows(View body, Txn& txn) {
  while (body.size() >= 8) {
    const std::uint64_t key = getLe<std::uint32_t>(body, 0);
    const std::uint64_t value = getLe<std::uint32_t>(body, 4);
    if (8 + key + value > body.size())
      return makeError(Errc::Corrupt, "log: a snapshot's row does not parse");
    PH_CHECK(txn.put(body.substr(8, key), body.substr(8 + key, value)));
    body.remove_prefix(8 + key + value);
  }
  return {};
}

Status loadSnapshot(const SegmentFile& segment, Txn& txn) {
  std::uint64_t end = 0;
  PH_TRY(const bool whole, walkSnapshot(segment, end, [&](View body) { return loadRows(body, txn); }));
  if (!whole) return makeError(Errc::Corrupt, "log: a snapshot is not whole");
  return {};
}

}  // namespace posthorn::store::embedded
