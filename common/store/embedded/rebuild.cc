// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/rebuild.h"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "common/store/embedded/blob_check.h"
#include "common/store/embedded/files.h"
#include "common/store/embedded/index.h"
#include "common/store/embedded/log_scan.h"
#include "common/store/embedded/recount.h"
#include "common/store/embedded/snapshot.h"

namespace posthorn::store::embedded {

namespace {

const std::string kNewIndex = "index.new";
const std::string kOldIndex = "index.old";
const std::string kDroppedIndex = "index.drop";
const std::string kLossMark = "commits-lost";
constexpr std::size_t kGroupsPerCommit = 256;

class Rebuilder {
 public:
  Rebuilder(const AccountDir& account, const std::optional<OldIndex>& old, Rebuild how)
      : account_(account),
        acknowledged_(old ? old->lsn : 0),
        known_(old.has_value()),
        sound_(old && old->sound),
        how_(how) {}
  Result<Rebuilt> run();

 private:
  Status makeIndex();
  Status begin();
  Status loadBase();
  Status beginFresh();
  Status replay();
  Result<std::optional<FoundGroup>> nextGroup(LogWalk& walk);
  Result<bool> proven(const LogWalk& walk, const FoundGroup& found);
  Status apply(const FoundGroup& found);
  Status applyLast(const FoundGroup& found);
  Status noteEnd();
  [[nodiscard]] bool oldShowsAll() const;
  void tellGaps(bool kept);
  Status dropNew();
  Result<Rebuilt> keepOld();
  Result<Rebuilt> useNew();
  Status markLoss();
  Status finish();
  Status swapIn();

  const AccountDir& account_;
  const std::uint64_t acknowledged_;
  const bool known_;  ///< the old index could tell
  const bool sound_;  ///< and may be kept
  const Rebuild how_;
  RepairReport report_;
  struct Gap {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  std::vector<Gap> gaps_;  ///< commits that cannot be read
  bool marked_ = false;    ///< an earlier repair has lost commits and was interrupted
  LogFiles log_;
  std::unique_ptr<Index> index_;
  std::optional<Txn> txn_;
  Position position_;
  std::size_t uncommitted_ = 0;
};

Status Rebuilder::makeIndex() {
  PH_CHECK(removeTree(account_.dir.get(), kNewIndex));
  PH_CHECK(makeDir(account_.dir.get(), kNewIndex));
  PH_TRY(index_, Index::open(account_.path + "/" + kNewIndex, Index::Mode::Bulk));
  return begin();
}

Status Rebuilder::begin() {
  txn_.reset();
  PH_TRY(Txn txn, index_->beginWrite());
  txn_.emplace(std::move(txn));
  uncommitted_ = 0;
  return {};
}

Status Rebuilder::loadBase() {
  for (const SegmentPtr& snapshot : log_.snapshots) {
    PH_TRY(const bool whole, snapshotIsWhole(*snapshot));
    if (!whole) continue;  // never finished, or damaged: then an older one or the log's beginning must do
    PH_CHECK(loadSnapshot(*snapshot, *txn_));
    PH_TRY(position_, readPosition(*txn_));
    return {};
  }
  return beginFresh();
}

Status Rebuilder::beginFresh() {
  if (log_.mains.empty()) return makeError(Errc::Corrupt, "store: " + account_.path + " has no readable log");
  position_ = Position{};
  position_.account = log_.mains.front()->header.account;
  position_.segment = log_.mains.front()->header.number;
  position_.nextSegment = position_.segment + 1;
  if (log_.mains.front()->header.lsn != 1) report_.damage.emplace_back("log: its beginning is missing");
  return txn_->put(Key::position(), encodePosition(position_));
}

// Whether the batch was once durable: the old index showed it, or another one was written behind it. What it
// skips was, in any case: nobody writes a commit before the one before it is flushed.
Result<bool> Rebuilder::proven(const LogWalk& walk, const FoundGroup& found) {
  if (found.group.batch.lsn <= acknowledged_) return true;
  LogWalk behind = walk;
  behind.moveBehind(found);
  PH_TRY(const auto next, behind.next());
  return next.has_value();
}

Result<std::optional<FoundGroup>> Rebuilder::nextGroup(LogWalk& walk) {
  PH_TRY(auto found, walk.next());
  if (found) return found;
  const ChainEnd end = walk.end();
  PH_TRY(found, walk.resync());
  if (!found) return found;
  const std::uint64_t lsn = found->group.batch.lsn;
  if (lsn == end.lsn + 1) {
    PH_TRY(const bool durable, proven(walk, *found));
    if (!durable) return std::optional<FoundGroup>();
    report_.damage.push_back(fmt::format("log: commit {}: the record of a blob is damaged", lsn));
  } else {
    gaps_.push_back({end.lsn + 1, lsn - 1});
  }
  return found;
}

Status Rebuilder::apply(const FoundGroup& found) {
  PH_CHECK(applyGroup(*txn_, position_, *found.segment, found.group));
  ++report_.batches;
  if (++uncommitted_ < kGroupsPerCommit) return {};
  PH_CHECK(txn_->commit());
  return begin();
}

// Nothing behind it proves that it was ever durable: torn, it was a write that nobody was told of.
Status Rebuilder::applyLast(const FoundGroup& found) {
  if (found.group.batch.lsn > acknowledged_) {
    PH_TRY(const BodyState bodies, checkBodies(*found.segment, found.group));
    if (bodies == BodyState::Torn || (known_ && bodies != BodyState::Sound)) return {};
  }
  return apply(found);
}

Status Rebuilder::replay() {
  LogWalk walk(log_.mains, position_);
  std::optional<FoundGroup> pending;
  for (;;) {
    PH_TRY(auto found, nextGroup(walk));
    if (!found) break;
    if (pending) PH_CHECK(apply(*pending));
    walk.moveBehind(*found);
    pending = std::move(found);
  }
  return pending ? applyLast(*pending) : Status();
}

Status Rebuilder::noteEnd() {
  if (position_.lsn < acknowledged_) gaps_.push_back({position_.lsn + 1, acknowledged_});
  for (const auto& line : log_.damage) report_.damage.push_back(line);
  return {};
}

// What an interrupted repair has put in place shows no more than the log.
bool Rebuilder::oldShowsAll() const {
  return sound_ && !marked_ && (gaps_.empty() || gaps_.back().last <= acknowledged_);
}

void Rebuilder::tellGaps(bool kept) {
  for (const Gap& gap : gaps_)
    report_.damage.push_back(fmt::format(
        "log: commits {} to {} cannot be read; {}", gap.first, gap.last,
        kept ? "nothing is lost: the index still shows them and was kept" : "their changes are lost"));
}

Status Rebuilder::dropNew() {
  txn_.reset();
  index_.reset();
  return removeTree(account_.dir.get(), kNewIndex);
}

Result<Rebuilt> Rebuilder::keepOld() {
  PH_CHECK(dropNew());
  tellGaps(true);
  PH_TRY(const auto old, Index::open(account_.indexPath(), Index::Mode::Shared));
  PH_TRY(Txn txn, old->beginRead());
  PH_CHECK(checkBlobs(account_, txn, Thorough::Yes, report_));
  return Rebuilt{std::move(report_), true, true};
}

Result<Rebuilt> Rebuilder::useNew() {
  tellGaps(false);
  report_.commitsLost = marked_ || !gaps_.empty() || !log_.damage.empty();
  const bool lossy = report_.commitsLost && how_ == Rebuild::Always;
  if (lossy) PH_CHECK(recount(account_, *txn_, position_, report_));
  PH_CHECK(checkBlobs(account_, *txn_, how_ == Rebuild::Always ? Thorough::Yes : Thorough::No, report_));
  if (how_ == Rebuild::IfSound && !report_.damage.empty()) {
    PH_CHECK(dropNew());
    return Rebuilt{std::move(report_), false, false};
  }
  if (lossy) PH_CHECK(markLoss());
  PH_CHECK(finish());
  return Rebuilt{std::move(report_), false, lossy};
}

Status Rebuilder::markLoss() {
  PH_TRY(const UniqueFd mark, openAt(account_.dir.get(), kLossMark, O_WRONLY | O_CREAT));
  PH_CHECK(flushData(mark.get()));
  return flushDir(account_.dir.get());
}

// With damage the old index stays beside the new one, for whoever wants to look what it showed.
Status Rebuilder::swapIn() {
  const int dir = account_.dir.get();
  const std::string& aside = report_.damage.empty() ? kDroppedIndex : kOldIndex;
  PH_CHECK(removeTree(dir, aside));
  if (::renameat(dir, "index", dir, aside.c_str()) != 0 && errno != ENOENT)
    return errnoError("move old index");
  if (::renameat(dir, kNewIndex.c_str(), dir, "index") != 0) return errnoError("move new index");
  PH_CHECK(flushDir(dir));
  return removeTree(dir, kDroppedIndex);
}

Status Rebuilder::finish() {
  PH_CHECK(txn_->commit());
  txn_.reset();
  PH_CHECK(index_->sync());
  index_.reset();
  PH_TRY(const UniqueFd made, openDir(account_.dir.get(), kNewIndex));
  PH_CHECK(flushDir(made.get()));
  return swapIn();
}

Result<Rebuilt> Rebuilder::run() {
  PH_TRY(marked_, hasLossMark(account_));
  PH_TRY(log_, openLog(account_));
  PH_CHECK(makeIndex());
  PH_CHECK(loadBase());
  PH_CHECK(replay());
  PH_CHECK(noteEnd());
  const bool incomplete = !gaps_.empty() || !log_.damage.empty();
  return how_ == Rebuild::Always && incomplete && oldShowsAll() ? keepOld() : useNew();
}

}  // namespace

Result<Rebuilt> rebuildIndex(const AccountDir& account, const std::optional<OldIndex>& old, Rebuild how) {
  return Rebuilder(account, old, how).run();
}

Result<bool> hasLossMark(const AccountDir& account) {
  if (::faccessat(account.dir.get(), kLossMark.c_str(), F_OK, 0) == 0) return true;
  if (errno == ENOENT) return false;
  return errnoError("store: look at " + account.path);
}

Status removeLossMark(const AccountDir& account) {
  PH_CHECK(removeTree(account.dir.get(), kLossMark));
  return flushDir(account.dir.get());
}

}  // namespace posthorn::store::embedded
