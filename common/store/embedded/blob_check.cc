// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/blob_check.h"

#include <vector>

#include <fmt/format.h>

#include "common/store/embedded/ledger.h"
#include "common/store/embedded/log_scan.h"
#include "common/store/embedded/segment.h"

namespace posthorn::store::embedded {

static Status checkRecords(const SegmentFile& segment, const ListedSegment& listed, Txn& txn,
                           RepairReport& report) {
  std::uint64_t offset = kFirstRecord;
  while (offset < listed.row.size) {
    PH_TRY(const auto header, readRecordHeader(segment, offset));
    if (!header) {
      PH_TRY(const std::uint64_t next, findRecord(segment, offset + 8, listed.row.size));
      report.damage.push_back(fmt::format("log/{}: offsets {} to {} hold no valid record",
                                          segmentName(listed.number), offset, next));
      offset = next;
      continue;
    }
    const auto live =
        header->type == RecordType::Msg ? isLive(txn, segment.header, offset, *header) : Result<bool>(false);
    PH_CHECK(live);
    if (*live) {
      ++report.blobs;
      PH_TRY(const BodyState state, checkBody(segment, offset, *header));
      if (state != BodyState::Sound)
        report.damage.push_back(fmt::format("log/{}: the blob of {} bytes at {} fails its check",
                                            segmentName(listed.number), header->length, offset));
    }
    offset += recordSize(header->length);
  }
  return {};
}

Status checkBlobs(const AccountDir& account, Txn& txn, Thorough thorough, RepairReport& report) {
  PH_TRY(const auto list, listSegments(txn));
  for (const ListedSegment& listed : list) {
    if (listed.row.kind == SegmentKind::Snapshot) continue;  // judged where it is loaded
    auto segment = openSegment(account.log.get(), listed.number);
    if (!segment.ok() && segment.error().code != Errc::NotFound && segment.error().code != Errc::Corrupt)
      return segment.error();
    if (!segment.ok()) {
      report.damage.push_back(fmt::format("log/{}: {} bytes of blobs are lost: {}",
                                          segmentName(listed.number), listed.row.live, segment.error().text));
      continue;
    }
    if (thorough == Thorough::Yes) PH_CHECK(checkRecords(**segment, listed, txn, report));
  }
  return {};
}

}  // namespace posthorn::store::embedded
