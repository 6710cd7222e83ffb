// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/maintenance.h"

#include <algorithm>

#include <fcntl.h>
#include <unistd.h>

#include "common/store/embedded/files.h"
#include "common/store/embedded/snapshot.h"

namespace posthorn::store::embedded {

// Below this an account is not worth a snapshot and a new segment.
static constexpr std::uint64_t kMinGarbage = 1ULL << 20;
static constexpr std::size_t kMovesPerCommit = 2048;

static Op segmentOp(OpType type, std::uint32_t segment) {
  Op op;
  op.type = type;
  op.segment = segment;
  return op;
}

static Status addOp(Draft& draft, const Op& op) {
  draft.add(op);
  return draft.ledger.note(op);
}

Maintenance::Maintenance(EmbeddedDomain& domain, std::uint64_t budgetMicros)
    : domain_(domain),
      deadline_(std::chrono::steady_clock::now() + std::chrono::microseconds(budgetMicros)) {}

bool Maintenance::outOfTime() const {
  return std::chrono::steady_clock::now() >= deadline_;
}

Status Maintenance::run() {
  // The log directory opened anew carries the lock that says "somebody keeps house here".
  PH_TRY(const UniqueFd lock, openDir(domain_.account_.log.get(), "."));
  PH_TRY(const bool alone, tryLock(lock.get(), LockMode::Exclusive));
  if (!alone) return {};
  domain_.index_->checkReaders();
  PH_CHECK(collectOrphans());
  return compact();
}

Status Maintenance::collectOrphans() {
  PH_TRY(const auto names, listDir(domain_.account_.log.get()));
  std::vector<std::uint32_t> unlisted;
  {
    PH_TRY(Txn txn, domain_.index_->beginRead());
    for (const auto& name : names) {
      const auto number = parseSegmentName(name);
      if (!number) continue;
      const auto row = txn.get(Key::segment(*number));
      if (!row.ok() && row.error().code == Errc::NotFound) unlisted.push_back(*number);
    }
  }
  return unlisted.empty() ? Status() : collect(unlisted);
}

Status Maintenance::collect(const std::vector<std::uint32_t>& numbers) {
  // Without ops this commits nothing, but it holds the write lock and shows the end of the log.
  auto held = domain_.groupCommit_.runOps([&](Draft& draft) -> Status {
    for (const std::uint32_t number : numbers) {
      PH_TRY(const UniqueFd orphan, claimOrphan(draft, number));
      if (orphan) unlinkSegment(number);
    }
    return {};
  });
  return held.ok() ? Status() : Status(held.error());
}

static bool isLeftover(const Draft& draft, std::uint32_t number, const std::optional<SegmentHeader>& header,
                       std::uint64_t size) {
  // A Main segment may only go when a snapshot covers it: it could be the one that the next group goes to.
  if (header && header->kind == SegmentKind::Main)
    return number != draft.segment && header->lsn <= draft.position.baseLsn;
  if (header) return true;
  return size <= kFirstRecord;  // never finished; anything longer without a header is for repair to judge
}

// The locked file when it belongs to nobody. The lock is held until the file is gone: its maker, who may be
// between making and locking it, would otherwise get a segment whose name we then take away.
Result<UniqueFd> Maintenance::claimOrphan(Draft& draft, std::uint32_t number) {
  const auto row = draft.txn.get(Key::segment(number));
  if (row.ok() || row.error().code != Errc::NotFound) return UniqueFd();
  auto fd = openAt(domain_.account_.log.get(), segmentName(number), O_RDONLY);
  if (!fd.ok()) return UniqueFd();
  PH_TRY(const bool unclaimed, tryLock(fd->get(), LockMode::Exclusive));
  if (!unclaimed) return UniqueFd();  // a blob on its way in
  PH_TRY(const Bytes raw, readSome(fd->get(), 0, kFirstRecord));
  PH_TRY(const std::uint64_t size, fileSize(fd->get()));
  if (!isLeftover(draft, number, decodeSegmentHeader(raw), size)) return UniqueFd();
  return std::move(*fd);
}

void Maintenance::unlinkSegment(std::uint32_t number) {
  ::unlinkat(domain_.account_.log.get(), segmentName(number).c_str(), 0);
  SegmentCache::instance().forget(domain_.id_, number);
}

// More than 40 % of the segment is of no use once a snapshot covers its batches.
static bool isMostlyDead(const SegmentRow& row) {
  return (row.size - std::min(row.size, row.live)) * 10 > row.size * 4;
}

static std::uint64_t garbage(const SegmentRow& row) {
  return row.size - std::min(row.size, row.live);
}

// Seals the active segment when it holds enough garbage: small accounts would otherwise keep their first 64
// MiB.
Status Maintenance::sealActive(const std::vector<ListedSegment>& list, const Position& position) {
  const auto active = std::find_if(list.begin(), list.end(), [&](const ListedSegment& listed) {
    return listed.number == position.segment;
  });
  if (active == list.end() || isFull(position) || !isMostlyDead(active->row)) return {};
  if (garbage(active->row) < std::max(kMinGarbage, 2 * domain_.index_->bytesUsed())) return {};
  auto sealed = domain_.groupCommit_.runOps([&](Draft& draft) -> Status {
    if (isFull(draft.position)) return {};
    return addOp(draft, segmentOp(OpType::Seal, draft.segment));
  });
  return sealed.ok() ? Status() : Status(sealed.error());
}

Result<std::vector<ListedSegment>> Maintenance::victims(Position& position) {
  PH_TRY(Txn txn, domain_.index_->beginRead());
  PH_TRY(position, readPosition(txn));
  return listSegments(txn);
}

Status Maintenance::takeSnapshot() {
  std::optional<StagedSegment> staged;
  Position shown;
  {
    PH_TRY(Txn txn, domain_.index_->beginRead());
    PH_TRY(shown, readPosition(txn));
    PH_TRY(StagedSegment written, writeSnapshot(domain_.account_.log.get(), *domain_.index_, txn, shown));
    staged.emplace(std::move(written));
  }
  PH_TRY(const std::uint64_t size, snapshotSize(*staged->segment));
  const std::uint32_t number = staged->segment->header.number;
  std::uint32_t old = 0;
  auto done = domain_.groupCommit_.runOps([&](Draft& draft) -> Status {
    old = draft.position.baseSegment;
    Op add = segmentOp(OpType::AddSegment, number);
    add.kind = SegmentKind::Snapshot;
    add.number = size;
    PH_CHECK(addOp(draft, add));
    if (old != 0) PH_CHECK(addOp(draft, segmentOp(OpType::DropSegment, old)));
    Op base = segmentOp(OpType::SetBase, number);
    base.number = shown.lsn;
    return addOp(draft, base);
  });
  // A domain that has failed may have left the group in the log, and with it the name of this snapshot.
  if (done.ok() || !domain_.checkUsable().ok()) staged->keep();
  if (!done.ok()) return done.error();
  if (old != 0) unlinkSegment(old);
  return {};
}

Status Maintenance::compact() {
  Position position;
  PH_TRY(auto list, victims(position));
  PH_CHECK(sealActive(list, position));
  PH_TRY(list, victims(position));
  std::erase_if(list, [&](const ListedSegment& listed) {
    const bool active = listed.number == position.segment && !isFull(position);
    return active || listed.row.kind == SegmentKind::Snapshot || !isMostlyDead(listed.row);
  });
  const auto uncovered = [&](const ListedSegment& listed) {
    return listed.row.kind == SegmentKind::Main && listed.row.lastLsn > position.baseLsn;
  };
  std::uint64_t gain = 0;
  for (const auto& listed : list) gain += uncovered(listed) ? garbage(listed.row) : 0;
  if (gain >= std::max(kMinGarbage, domain_.index_->bytesUsed())) {
    PH_CHECK(takeSnapshot());
    const auto before = list;
    PH_TRY(list, victims(position));
    std::erase_if(list, [&](const ListedSegment& listed) {
      return std::none_of(before.begin(), before.end(),
                          [&](const ListedSegment& old) { return old.number == listed.number; });
    });
  }
  Status first;
  for (const auto& listed : list) {
    if (uncovered(listed)) continue;
    // A damaged or lost segment stays as it is, for a repair to judge; the others need not wait for that.
    Status compacted = compactSegment(listed);
    const Errc code = compacted.ok() ? Errc::Corrupt : compacted.error().code;
    if (code != Errc::Corrupt && code != Errc::NotFound) return compacted;
    if (!compacted.ok() && first.ok()) first = compacted;
    if (outOfTime()) break;
  }
  return first;
}

// The copy names the place that references name.
Status Maintenance::copyRecord(const SegmentFile& victim, std::uint64_t offset, const RecordHeader& record,
                               Copies& copies) {
  PH_TRY(const auto body, readBody(victim, offset, record));
  if (!body) return makeError(Errc::Corrupt, "store: compaction met a damaged blob; repair the account");
  if (!copies.pack) {
    SegmentHeader header;
    header.kind = SegmentKind::Pack;
    header.account = victim.header.account;
    PH_TRY(StagedSegment made, StagedSegment::create(domain_.account_.log.get(), header, *domain_.index_));
    copies.pack.emplace(std::move(made));
  }
  const SegmentFile& pack = *copies.pack->segment;
  const Place first = firstPlace(victim.header, offset, record);
  RecordHeader copy = record;
  copy.lsn = first.segment;
  copy.nonce = first.offset;
  Bytes raw = encodeRecordHeader(pack.header, copies.end, copy);
  raw.append(*body);
  raw.resize(static_cast<std::size_t>(recordSize(body->size())), '\0');
  PH_CHECK(writeAll(pack.fd.get(), copies.end, raw));
  copies.moved.push_back({{first.segment, first.offset, copy.length, copy.bodyCrc},
                          {victim.header.number, offset},
                          {pack.header.number, copies.end}});
  copies.end += raw.size();
  return {};
}

// Every record is asked for, whatever the sums say: after a repair they may be wrong.
Result<Maintenance::Copies> Maintenance::copyLive(const SegmentFile& victim, std::uint64_t size) {
  Copies copies;
  for (std::uint64_t offset = kFirstRecord; offset < size;) {
    PH_TRY(const auto header, readRecordHeader(victim, offset));
    if (!header)
      return makeError(Errc::Corrupt, "store: compaction met a damaged record; repair the account");
    const std::uint64_t here = offset;
    offset += recordSize(header->length);
    if (header->type != RecordType::Msg) continue;
    {
      PH_TRY(Txn txn, domain_.index_->beginRead());
      PH_TRY(const bool live, isLive(txn, victim.header, here, *header));
      if (!live) continue;
    }
    PH_CHECK(copyRecord(victim, here, *header, copies));
  }
  return copies;
}

// A blob that was released meanwhile is left out. Its copy is nobody's, and so are those of the later commits
// when one fails: isLive() never takes them for live.
Status Maintenance::commitMoves(const Copies& copies) {
  const std::uint32_t pack = copies.pack->segment->header.number;
  for (std::size_t from = 0; from < copies.moved.size(); from += kMovesPerCommit) {
    auto done = domain_.groupCommit_.runOps([&](Draft& draft) -> Status {
      if (from == 0) {
        Op add = segmentOp(OpType::AddSegment, pack);
        add.kind = SegmentKind::Pack;
        add.number = copies.end;
        PH_CHECK(addOp(draft, add));
      }
      for (std::size_t i = from; i < std::min(copies.moved.size(), from + kMovesPerCommit); ++i) {
        const Moved& moved = copies.moved[i];
        PH_TRY(const Place current, currentPlace(draft.txn, moved.blob));
        PH_TRY(const bool dead, isDead(draft.txn, moved.from));
        if (dead || current != moved.from) continue;
        Op op = segmentOp(OpType::Move, 0);
        op.blob = moved.blob;
        op.to = moved.to;
        PH_CHECK(addOp(draft, op));
      }
      return {};
    });
    if (!done.ok()) return done.error();
  }
  return {};
}

Status Maintenance::compactSegment(const ListedSegment& victim) {
  const int logDir = domain_.account_.log.get();
  PH_TRY(const SegmentPtr segment, SegmentCache::instance().get(domain_.id_, logDir, victim.number));
  PH_TRY(Copies copies, copyLive(*segment, victim.row.size));
  if (copies.pack) {
    PH_CHECK(flushData(copies.pack->segment->fd.get()));
    PH_CHECK(flushDir(logDir));
    const Status committed = commitMoves(copies);
    copies.pack->keep();  // even after an error: the first of several commits may have made it the account's
    PH_CHECK(committed);
  }
  return dropSegment(victim.number, copies.moved);
}

Status Maintenance::dropSegment(std::uint32_t number, const std::vector<Moved>& moved) {
  auto done = domain_.groupCommit_.runOps([&](Draft& draft) -> Status {
    for (const Moved& blob : moved) {
      PH_TRY(const bool dead, isDead(draft.txn, blob.from));
      if (!dead) return makeError(Errc::Internal, "store: a moved blob is live where it was");
    }
    return addOp(draft, segmentOp(OpType::DropSegment, number));
  });
  if (!done.ok()) return done.error();
  unlinkSegment(number);
  return {};
}

}  // namespace posthorn::store::embedded
