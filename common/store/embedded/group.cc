// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/group.h"

#include <algorithm>

#include "common/store/embedded/files.h"

namespace posthorn::store::embedded {

static constexpr std::uint64_t kMaxBatchBody = 256ULL << 20;

Result<std::optional<Group>> readGroup(const SegmentFile& segment, std::uint64_t offset, ChainEnd after) {
  Group group;
  for (;;) {
    PH_TRY(const auto header, readRecordHeader(segment, offset));
    if (!header || header->lsn != after.lsn + 1) return std::optional<Group>();
    if (!group.blobs.empty() && header->nonce != group.blobs.front().header.nonce)
      return std::optional<Group>();
    if (header->type == RecordType::Msg) {
      group.blobs.push_back({offset, *header});
      offset += recordSize(header->length);
      continue;
    }
    if (header->type != RecordType::Batch || header->length > kMaxBatchBody) return std::optional<Group>();
    PH_TRY(auto body, readBody(segment, offset, *header));
    if (!body) return std::optional<Group>();
    const auto head = decodeBatchHeader(*body);
    if (!head || head->previousNonce != after.nonce) return std::optional<Group>();
    group.batchOffset = offset;
    group.end = offset + recordSize(header->length);
    group.batch = *header;
    group.header = *head;
    group.body = std::move(*body);
    return std::optional<Group>(std::move(group));
  }
}

Result<BodyState> checkBodies(const SegmentFile& segment, const Group& group) {
  BodyState worst = BodyState::Sound;
  for (const auto& blob : group.blobs) {
    PH_TRY(const BodyState state, checkBody(segment, blob.offset, blob.header));
    if (state == BodyState::Torn) return state;
    if (state == BodyState::Damaged) worst = state;
  }
  return worst;
}

Status applyGroup(Txn& txn, Position& position, const SegmentFile& segment, const Group& group) {
  Ledger ledger(txn, position);
  PH_CHECK(readOps(group.body, group.header, [&](const Op& op) { return ledger.apply(op); }));
  return ledger.advance({segment.header.number, group.batchOffset, group.end, group.batch.lsn,
                         group.batch.nonce, group.header.version});
}

Result<SegmentPtr> findSuccessor(int logDir, ChainEnd after) {
  PH_TRY(const auto names, listDir(logDir));
  SegmentPtr found;
  for (const auto& name : names) {
    const auto number = parseSegmentName(name);
    if (!number) continue;
    auto segment = openSegment(logDir, *number);
    if (!segment.ok()) continue;  // a file that vanished or was never finished succeeds nobody
    const SegmentHeader& header = (*segment)->header;
    if (header.kind != SegmentKind::Main || header.lsn != after.lsn + 1 || header.nonce != after.nonce)
      continue;
    PH_TRY(const auto group, readGroup(**segment, kFirstRecord, after));
    if (group || !found) found = *segment;
    if (group) break;
  }
  return found;
}

}  // namespace posthorn::store::embedded
