// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/group_commit.h"

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <new>

#include "common/log/logger.h"
#include "common/store/embedded/files.h"
#include "common/store/embedded/group.h"
#include "common/store/embedded/messages.h"
#include "common/store/embedded/recovery.h"
#include "common/store/engine/crc.h"

namespace posthorn::store::embedded {

// A group takes no further function once it has this much to write: others wait for the lock.
static constexpr std::uint64_t kGroupBytes = 8ULL << 20;
static constexpr std::uint64_t kPage = 4096;

struct GroupCommit::Attempt {
  std::optional<Txn> txn;
  Position position;
  ChainEnd before;  ///< what the group continues
  SegmentPtr segment;
  std::uint64_t start = 0;  ///< of the group in the segment
  std::optional<Draft> draft;
  std::uint64_t batchOffset = 0;
  bool open = false;  ///< the group may yet be taken over from the log, whatever its callers heard
};

// After it the attempt holds the write lock and shows the end of the log.
Status GroupCommit::takeOverTail(Attempt& attempt) {
  for (;;) {
    attempt.txn.reset();
    PH_TRY(Txn txn, target_.index.beginWrite());
    attempt.txn.emplace(std::move(txn));
    PH_TRY(attempt.position, readPosition(*attempt.txn));
    if (attempt.position.removed) return makeError(Errc::NotFound, "store: the account was removed");
    PH_TRY(const std::size_t groups,
           replayTail(target_.account, target_.domain, *attempt.txn, attempt.position));
    if (groups == 0) return {};
    PH_CHECK(attempt.txn->commit());
    log::write(messages::kTailReplayed,
               {{"account", target_.account.path}, {"commits", std::to_string(groups)}});
  }
}

Result<SegmentPtr> GroupCommit::newSegment(const Position& position) {
  const int logDir = target_.account.log.get();
  PH_TRY(SegmentPtr segment, findSuccessor(logDir, {position.lsn, position.nonce}));
  SegmentHeader header;
  header.account = position.account;
  header.lsn = position.lsn + 1;
  header.nonce = position.nonce;
  for (header.number = position.nextSegment; !segment; ++header.number) {
    header.salt = randomNonce();
    auto made = createSegment(logDir, header);
    if (!made.ok() && made.error().code != Errc::Exists) return made.error();
    if (made.ok()) segment = std::move(*made);
  }
  // Both before its first group: a durable batch in a file without a name would be lost.
  PH_CHECK(flushData(segment->fd.get()));
  PH_CHECK(flushDir(logDir));
  SegmentCache::instance().put(target_.domain, segment);
  return segment;
}

Status GroupCommit::chooseSegment(Attempt& attempt) {
  const Position& position = attempt.position;
  attempt.before = {position.lsn, position.nonce};
  if (!isFull(position)) {
    attempt.start = position.end;
    PH_TRY(attempt.segment,
           SegmentCache::instance().get(target_.domain, target_.account.log.get(), position.segment));
    return {};
  }
  attempt.start = kFirstRecord;
  PH_TRY(attempt.segment, newSegment(position));
  return {};
}

Status GroupCommit::begin(Attempt& attempt) {
  attempt.draft.reset();
  PH_CHECK(takeOverTail(attempt));
  PH_CHECK(chooseSegment(attempt));
  attempt.draft.emplace(target_.account, *attempt.txn, attempt.position, attempt.segment->header.number,
                        attempt.start);
  return {};
}

static Status runGuarded(const std::function<Status(Batch&)>& work, Batch& batch) {
  try {
    return work(batch);
  } catch (const std::exception& thrown) {
    return makeError(Errc::Internal, std::string("store: a commit function threw: ") + thrown.what());
  }
}

// Restart: a function failed after it had changed something, so the transaction must go and the others run
// again.
GroupCommit::Ran GroupCommit::runWork(Attempt& attempt, const std::vector<CommitRequest*>& requests,
                                      std::vector<bool>& failed, std::size_t& count) {
  Draft& draft = *attempt.draft;
  std::uint64_t version = attempt.position.version;
  for (std::size_t i = 0; i < count; ++i) {
    if (failed[i]) continue;
    if (draft.ops.size() + (draft.end - attempt.start) > kGroupBytes) {
      count = i;
      return Ran::All;
    }
    const std::uint32_t before = draft.opCount;
    EmbeddedBatch batch(draft, version);
    const Status status = runGuarded(*requests[i]->work, batch);
    if (!status.ok()) {
      requests[i]->outcome = Error(Status(status).error());
      failed[i] = true;
      if (draft.opCount != before) return Ran::Restart;
      continue;
    }
    if (draft.opCount != before) ++version;
    requests[i]->outcome = version;
  }
  return Ran::All;
}

std::size_t GroupCommit::run(const std::vector<CommitRequest*>& requests) {
  std::size_t count = requests.size();
  std::vector<bool> failed(count, false);
  const auto failAll = [&](const Error& error) {
    for (std::size_t i = 0; i < count; ++i)
      if (!failed[i]) requests[i]->outcome = error;
    return count;
  };
  for (;;) {
    Attempt attempt;
    Status status = begin(attempt);
    if (!status.ok()) return failAll(status.error());
    if (runWork(attempt, requests, failed, count) == Ran::Restart) continue;
    std::uint64_t version = attempt.position.version;
    for (std::size_t i = 0; i < count; ++i)
      if (!failed[i]) version = *requests[i]->outcome;
    status = finish(attempt, version);
    return status.ok() ? count : failAll(status.error());
  }
}

Result<std::uint64_t> GroupCommit::runOps(const std::function<Status(Draft&)>& ops) {
  Attempt attempt;
  PH_CHECK(begin(attempt));
  PH_CHECK(ops(*attempt.draft));
  const std::uint64_t version = attempt.position.version + 1;
  PH_CHECK(finish(attempt, version));
  return version;
}

Status GroupCommit::finish(Attempt& attempt, std::uint64_t version) {
  Draft& draft = *attempt.draft;
  if (draft.opCount == 0) return {};
  const std::uint64_t nonce = randomNonce();
  Bytes body = encodeBatchHeader({draft.opCount, attempt.position.nonce, version});
  body.append(draft.ops);
  attempt.batchOffset = draft.end;
  const Committed group{draft.segment,
                        attempt.batchOffset,
                        attempt.batchOffset + recordSize(body.size()),
                        attempt.position.lsn + 1,
                        nonce,
                        version};
  Status status;
  bool threw = false;
  try {
    status = publish(attempt, body, group);
  } catch (const std::bad_alloc&) {
    attempt.open = threw = true;  // who knows how far it came
    status = Error{Errc::Internal, "out of memory", {}};
  }
  if (!status.ok() && !attempt.open) return status;
  // A Pack of a group that may be taken over must stay; if it never is, maintain collects the file.
  for (EmbeddedBlobWriter* writer : draft.inlineBlobs) writer->spend();
  for (EmbeddedBlobWriter* writer : draft.packs) writer->spend();
  if (threw) target_.fail(status.error());
  return status;
}

// Log first, then index.
Status GroupCommit::publish(Attempt& attempt, View body, const Committed& group) {
  const RecordHeader batch{RecordType::Batch, body.size(), group.lsn, group.nonce, crc32Of(body)};
  PH_CHECK(writeGroup(attempt, body, batch));
  Status status = attempt.draft->ledger.advance(group);
  if (status.ok()) return commitIndex(attempt, group);
  takeBack(attempt, status.error());
  return status;
}

namespace {

/// Records laid end to end for one pwritev; what it points to lives as long as the draft.
class Gather {
 public:
  Gather(const SegmentHeader& segment, std::uint64_t offset) : segment_(segment), offset_(offset) {}
  void record(const RecordHeader& header, View body) {
    headers_.push_back(encodeRecordHeader(segment_, offset_, header));
    add(headers_.back());
    add(body);
    add(View(kZeros.data(),
             static_cast<std::size_t>(recordSize(body.size()) - kRecordHeaderSize - body.size())));
    offset_ += recordSize(body.size());
  }
  /// Zeros up to `end`: the next groups then need no new size of the file, which would cost a journal commit.
  void fillTo(std::uint64_t end) {
    while (offset_ < end) {
      const std::uint64_t piece = std::min<std::uint64_t>(kZeros.size(), end - offset_);
      add(View(kZeros.data(), static_cast<std::size_t>(piece)));
      offset_ += piece;
    }
  }
  [[nodiscard]] std::uint64_t end() const { return offset_; }
  [[nodiscard]] std::vector<iovec> parts() const { return parts_; }

 private:
  void add(View bytes) {
    if (!bytes.empty()) parts_.push_back(iovec{const_cast<char*>(bytes.data()), bytes.size()});
  }
  static constexpr std::array<char, 16384> kZeros{};
  const SegmentHeader& segment_;
  std::uint64_t offset_;
  std::deque<Bytes> headers_;
  std::vector<iovec> parts_;
};

std::uint64_t prewriteEnd(std::uint64_t end) {
  const std::uint64_t step = std::clamp<std::uint64_t>(end / 8, 2 * kPage, 64 * kPage);
  return (end + step + kPage - 1) / kPage * kPage;
}

}  // namespace

Status GroupCommit::writeGroup(Attempt& attempt, View body, const RecordHeader& batch) {
  const SegmentFile& segment = *attempt.segment;
  Gather gather(segment.header, attempt.start);
  for (const EmbeddedBlobWriter* writer : attempt.draft->inlineBlobs)
    gather.record({RecordType::Msg, writer->size(), batch.lsn, batch.nonce, writer->crc()}, writer->bytes());
  gather.record(batch, body);
  PH_TRY(const std::uint64_t size, fileSize(segment.fd.get()));
  const std::vector<iovec> bare = gather.parts();
  if (gather.end() > size) gather.fillTo(prewriteEnd(gather.end()));
  Status status = writeParts(segment.fd.get(), attempt.start, gather.parts());
  // The room may suffice for the group without the zeros behind it.
  if (!status.ok() && status.error().code == Errc::NoSpace)
    status = writeParts(segment.fd.get(), attempt.start, bare);
  if (!status.ok()) {
    takeBack(attempt, status.error());
    return status;
  }
  status = flushData(segment.fd.get());
  if (!status.ok()) {
    static_cast<void>(scrub(attempt));
    leaveOpen(attempt, status.error());
  }
  return status;
}

// Makes sure that a group whose callers were told "no" is never taken over: both ends of it lose their
// headers.
Status GroupCommit::scrub(const Attempt& attempt) {
  const Bytes zeros(kRecordHeaderSize, '\0');
  const int fd = attempt.segment->fd.get();
  PH_CHECK(writeAll(fd, attempt.start, zeros));
  if (attempt.batchOffset != attempt.start) {
    PH_TRY(const auto header, readRecordHeader(*attempt.segment, attempt.batchOffset));
    if (header) PH_CHECK(writeAll(fd, attempt.batchOffset, zeros));
  }
  return flushData(fd);
}

// Only under the write lock: without it another process may have taken the group over.
void GroupCommit::takeBack(Attempt& attempt, const Error& failure) {
  if (!scrub(attempt).ok()) leaveOpen(attempt, failure);
}

void GroupCommit::leaveOpen(Attempt& attempt, const Error& failure) {
  attempt.open = true;
  target_.fail(failure);
}

Status GroupCommit::commitIndex(Attempt& attempt, const Committed& group) {
  Status status = attempt.txn->commit();
  if (status.ok()) return status;
  if (!target_.index.usable()) {
    // LMDB cannot say whether its last page reached the disk, so the group must stay: the log is the truth,
    // and the next opener shows it. The callers hear an error and must not assume either.
    leaveOpen(attempt, status.error());
    return status;
  }
  return settle(attempt, group, Error(status.error()));
}

// The failed commit has given the write lock up, so that whoever had it since may have taken the group over.
// Ok: it stands.
Status GroupCommit::settle(Attempt& attempt, const Committed& group, const Error& failure) {
  auto txn = target_.index.beginWrite();
  auto position = txn.ok() ? readPosition(*txn) : Result<Position>(Error(txn.error()));
  if (!position.ok()) {
    leaveOpen(attempt, failure);
    return failure;
  }
  if (position->lsn < group.lsn) {
    takeBack(attempt, failure);
    return failure;
  }
  // Another group of this lsn would have been written over ours, from its first record on.
  const auto found = readGroup(*attempt.segment, attempt.start, attempt.before);
  if (!found.ok()) {
    leaveOpen(attempt, failure);
    return failure;
  }
  const bool stands = *found && (*found)->batch.nonce == group.nonce &&
                      (position->lsn != group.lsn || position->nonce == group.nonce);
  return stands ? Status() : Status(failure);
}

}  // namespace posthorn::store::embedded
