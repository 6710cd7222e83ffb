// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/log_scan.h"

#include <algorithm>

#include <fcntl.h>

#include "common/store/embedded/files.h"

namespace posthorn::store::embedded {

static constexpr std::size_t kWindow = 1 << 20;

// A file without a valid header is what a crash leaves of an unfinished one, unless it holds records of the
// log. A Pack's only record names its own place instead of an lsn and a nonce.
static Result<bool> looksLikeMain(int logDir, std::uint32_t number) {
  PH_TRY(const UniqueFd fd, openAt(logDir, segmentName(number), O_RDONLY));
  PH_TRY(const Bytes raw, readSome(fd.get(), kFirstRecord, kRecordHeaderSize));
  if (raw.size() < kRecordHeaderSize || View(raw).substr(0, 4) != "PHR1") return false;
  const auto type = static_cast<RecordType>(raw[4]);
  if (type == RecordType::Batch) return true;
  const bool pack = getLe<std::uint64_t>(raw, 16) == number && getLe<std::uint64_t>(raw, 24) == kFirstRecord;
  return type == RecordType::Msg && !pack;
}

Result<LogFiles> openLog(const AccountDir& account) {
  LogFiles files;
  PH_TRY(const auto names, listDir(account.log.get()));
  for (const auto& name : names) {
    const auto number = parseSegmentName(name);
    if (!number) continue;
    auto segment = openSegment(account.log.get(), *number);
    if (!segment.ok() && segment.error().code == Errc::Corrupt) {
      PH_TRY(const bool main, looksLikeMain(account.log.get(), *number));
      if (main) files.damage.push_back("log/" + name + ": no valid segment header");
      continue;
    }
    if (!segment.ok()) return segment.error();
    const SegmentKind kind = (*segment)->header.kind;
    if (kind == SegmentKind::Main) files.mains.push_back(*segment);
    if (kind == SegmentKind::Snapshot) files.snapshots.push_back(*segment);
  }
  const auto older = [](const SegmentPtr& a, const SegmentPtr& b) { return a->header.lsn < b->header.lsn; };
  std::sort(files.mains.begin(), files.mains.end(), older);
  std::sort(files.snapshots.begin(), files.snapshots.end(),
            [&](const SegmentPtr& a, const SegmentPtr& b) { return older(b, a); });
  return files;
}

Result<std::uint64_t> findRecord(const SegmentFile& segment, std::uint64_t from, std::uint64_t end) {
  for (std::uint64_t start = from; start < end; start += kWindow) {
    PH_TRY(const Bytes window, readSome(segment.fd.get(), start, kWindow));
    if (window.empty()) break;
    for (std::size_t at = 0; at + 4 <= window.size() && start + at < end; at += 8) {
      if (View(window).substr(at, 4) != "PHR1") continue;
      PH_TRY(const auto header, readRecordHeader(segment, start + at));
      if (header) return start + at;
    }
  }
  return end;
}

Status walkRecords(const SegmentFile& segment, std::uint64_t end,
                   const std::function<Status(std::uint64_t, const RecordHeader&)>& row) {
  for (std::uint64_t offset = kFirstRecord; offset < end;) {
    PH_TRY(const auto header, readRecordHeader(segment, offset));
    if (!header) {
      PH_TRY(offset, findRecord(segment, offset + 8, end));
      continue;
    }
    PH_CHECK(row(offset, *header));
    offset += recordSize(header->length);
  }
  return {};
}

LogWalk::LogWalk(const std::vector<SegmentPtr>& mains, const Position& position)
    : mains_(mains), main_(mains.size()), end_{position.lsn, position.nonce} {
  for (std::size_t i = 0; i < mains.size(); ++i) {
    const SegmentHeader& header = mains[i]->header;
    if (position.lsn == 0 ? header.lsn == 1 : header.number == position.segment) main_ = i;
  }
  offset_ = position.lsn == 0 ? kFirstRecord : position.end;
}

Result<std::optional<FoundGroup>> LogWalk::next() {
  if (main_ < mains_.size()) {
    PH_TRY(auto group, readGroup(*mains_[main_], offset_, end_));
    if (group) return std::optional<FoundGroup>(FoundGroup{mains_[main_], std::move(*group), false});
  }
  for (const SegmentPtr& main : mains_) {
    if (main->header.lsn != end_.lsn + 1 || main->header.nonce != end_.nonce) continue;
    PH_TRY(auto group, readGroup(*main, kFirstRecord, end_));
    if (group) return std::optional<FoundGroup>(FoundGroup{main, std::move(*group), false});
  }
  return std::optional<FoundGroup>();
}

void LogWalk::moveBehind(const FoundGroup& found) {
  main_ = static_cast<std::size_t>(std::find(mains_.begin(), mains_.end(), found.segment) - mains_.begin());
  offset_ = found.group.end;
  end_ = {found.group.batch.lsn, found.group.batch.nonce};
}

// A Batch at `offset`, taken alone.
static Result<std::optional<Group>> readLoneBatch(const SegmentFile& segment, std::uint64_t offset,
                                                  ChainEnd after) {
  PH_TRY(const auto header, readRecordHeader(segment, offset));
  if (!header || header->type != RecordType::Batch || header->lsn <= after.lsn) return std::optional<Group>();
  PH_TRY(auto body, readBody(segment, offset, *header));
  if (!body) return std::optional<Group>();
  const auto head = decodeBatchHeader(*body);
  if (!head) return std::optional<Group>();
  Group group;
  group.batchOffset = offset;
  group.end = offset + recordSize(header->length);
  group.batch = *header;
  group.header = *head;
  group.body = std::move(*body);
  return std::optional<Group>(std::move(group));
}

Result<std::optional<FoundGroup>> LogWalk::searchIn(std::size_t main, std::uint64_t from) {
  const SegmentPtr& segment = mains_[main];
  PH_TRY(const std::uint64_t size, fileSize(segment->fd.get()));
  for (std::uint64_t start = from; start < size; start += kWindow) {
    PH_TRY(const Bytes window, readSome(segment->fd.get(), start, kWindow));
    for (std::size_t at = 0; at + 4 <= window.size(); at += 8) {
      if (View(window).substr(at, 4) != "PHR1") continue;
      PH_TRY(auto group, readLoneBatch(*segment, start + at, end_));
      if (group) return std::optional<FoundGroup>(FoundGroup{segment, std::move(*group), true});
    }
  }
  return std::optional<FoundGroup>();
}

Result<std::optional<FoundGroup>> LogWalk::resync() {
  for (std::size_t i = main_ < mains_.size() ? main_ : 0; i < mains_.size(); ++i) {
    PH_TRY(auto found, searchIn(i, i == main_ ? offset_ : kFirstRecord));
    if (found) return found;
  }
  return std::optional<FoundGroup>();
}

}  // namespace posthorn::store::embedded
