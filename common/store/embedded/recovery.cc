// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/recovery.h"

#include <poll.h>

#include "common/log/logger.h"
#include "common/store/embedded/files.h"
#include "common/store/embedded/index_check.h"
#include "common/store/embedded/messages.h"
#include "common/store/embedded/rebuild.h"

namespace posthorn::store::embedded {

static ChainEnd chainEnd(const Position& position) {
  return {position.lsn, position.nonce};
}

namespace {

struct Tail {
  SegmentPtr segment;
  std::optional<Group> group;
};

}  // namespace

static Result<Tail> findTail(const AccountDir& account, std::uint64_t domain, const Position& position) {
  Tail tail;
  PH_TRY(tail.segment, SegmentCache::instance().get(domain, account.log.get(), position.segment));
  std::uint64_t offset = position.end;
  if (isFull(position)) {
    PH_TRY(tail.segment, findSuccessor(account.log.get(), chainEnd(position)));
    offset = kFirstRecord;
    if (!tail.segment) return tail;
  }
  PH_TRY(tail.group, readGroup(*tail.segment, offset, chainEnd(position)));
  if (!tail.group) return tail;
  PH_TRY(const BodyState bodies, checkBodies(*tail.segment, *tail.group));
  if (bodies != BodyState::Sound) tail.group.reset();
  return tail;
}

Result<bool> hasTail(const AccountDir& account, std::uint64_t domain, const Position& position) {
  PH_TRY(const Tail tail, findTail(account, domain, position));
  return tail.group.has_value();
}

Result<std::size_t> replayTail(const AccountDir& account, std::uint64_t domain, Txn& txn,
                               Position& position) {
  std::size_t groups = 0;
  for (;;) {
    PH_TRY(const Tail tail, findTail(account, domain, position));
    if (!tail.group) return groups;
    PH_CHECK(flushData(tail.segment->fd.get()));
    if (tail.segment->header.number != position.segment) PH_CHECK(flushDir(account.log.get()));
    PH_CHECK(applyGroup(txn, position, *tail.segment, *tail.group));
    ++groups;
  }
}

Result<bool> logHolds(const AccountDir& account, const Position& position) {
  auto segment = openSegment(account.log.get(), position.segment);
  if (!segment.ok()) {
    const Errc code = segment.error().code;
    if (code == Errc::NotFound || code == Errc::Corrupt) return false;
    return segment.error();
  }
  if ((*segment)->header.account != position.account) return false;
  if (position.lsn == 0) return true;
  PH_TRY(const auto batch, readRecordHeader(**segment, position.batch));
  return batch && batch->type == RecordType::Batch && batch->lsn == position.lsn &&
         batch->nonce == position.nonce;
}

namespace {

struct OpenedIndex {
  std::unique_ptr<Index> index;
  bool logFits = false;  ///< false: the log does not hold the last commit that the index shows
};

}  // namespace

static Result<OpenedIndex> openIndex(const AccountDir& account) {
  OpenedIndex opened;
  PH_TRY(opened.index, Index::open(account.indexPath(), Index::Mode::Shared));
  PH_TRY(Txn txn, opened.index->beginRead());
  PH_CHECK(checkIndexPages(account.indexPath(), txn, kPagesAtOpen));
  PH_TRY(const Position position, readPosition(txn));
  PH_TRY(opened.logFits, logHolds(account, position));
  return opened;
}

static Error logDamaged(const AccountDir& account) {
  return makeError(Errc::Corrupt, "store: the log in " + account.path +
                                      " does not hold what its index shows; repair the account");
}

// As long as AccountDir waits for a lock.
static constexpr int kRepairTries = 300;
static constexpr int kRepairPauseMillis = 10;

// Nothing once `account` has the exclusive lock; the index when another process has repaired it, which may
// keep the account open from then on.
static Result<std::optional<OpenedIndex>> lockForRepair(AccountDir& account) {
  for (int i = 0; i < kRepairTries; ++i) {
    // Not every time: while all who wait look, nobody gets the exclusive lock.
    const bool look = i % 4 == 0;
    PH_TRY(const bool shared, look ? tryLock(account.dir.get(), LockMode::Shared) : Result<bool>(false));
    if (shared) {
      auto opened = openIndex(account);
      if (opened.ok()) return std::optional<OpenedIndex>(std::move(*opened));
    }
    PH_TRY(const bool alone, tryLock(account.dir.get(), LockMode::Exclusive));
    if (alone) return std::optional<OpenedIndex>();
    ::poll(nullptr, 0, kRepairPauseMillis);  // without any lock: a refused change of a flock gives it up
  }
  return makeError(Errc::Busy, "store: the account is open in another process");
}

static Result<std::unique_ptr<Index>> indexOf(const AccountDir& account, OpenedIndex opened) {
  if (!opened.logFits) return logDamaged(account);
  return std::move(opened.index);
}

static Result<std::unique_ptr<Index>> repairIndex(AccountDir& account, const Error& damage) {
  PH_TRY(auto repaired, lockForRepair(account));
  if (repaired) return indexOf(account, std::move(*repaired));
  auto again = openIndex(account);  // another process may have repaired it and gone
  if (!again.ok() && again.error().code != Errc::Io) {
    PH_TRY(const Rebuilt rebuilt, rebuildIndex(account, std::nullopt, Rebuild::IfSound));
    const RepairReport& report = rebuilt.report;
    if (!report.damage.empty())
      return makeError(Errc::Corrupt, "store: the index of " + account.path +
                                          " is damaged and so is its log: " + report.damage.front() +
                                          "; repair the account");
    if (report.batches != 0)
      log::write(messages::kIndexRebuilt, {{"account", account.path},
                                           {"damage", damage.describe()},
                                           {"commits", std::to_string(report.batches)}});
    again = openIndex(account);
  }
  if (!again.ok()) return again.error();
  PH_CHECK(account.relock(LockMode::Shared));
  return indexOf(account, std::move(*again));
}

Result<std::unique_ptr<Index>> openOrRepair(AccountDir& account) {
  PH_TRY(const bool interrupted, hasLossMark(account));
  if (interrupted)
    return makeError(Errc::Corrupt,
                     "store: a repair of " + account.path + " was interrupted; repair it again");
  auto opened = openIndex(account);
  if (opened.ok()) return indexOf(account, std::move(*opened));
  if (opened.error().code != Errc::Corrupt && opened.error().code != Errc::NotFound) return opened.error();
  return repairIndex(account, opened.error());
}

}  // namespace posthorn::store::embedded
