// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/domain.h"

#include <algorithm>

#include "common/log/logger.h"
#include "common/store/embedded/maintenance.h"
#include "common/store/embedded/messages.h"
#include "common/store/embedded/rebuild.h"

namespace posthorn::store::embedded {

namespace {

class EmbeddedSnapshot final : public Snapshot {
 public:
  EmbeddedSnapshot(std::shared_ptr<const void> owner, Txn txn, std::uint64_t version)
      : owner_(std::move(owner)), txn_(std::move(txn)), version_(version) {}
  [[nodiscard]] std::uint64_t version() const override { return version_; }
  Result<View> get(View key) override { return getUser(txn_, key); }
  Status scan(View from, View to, const std::function<bool(View, View)>& row) override {
    return scanUser(txn_, from, to, row);
  }

 private:
  std::shared_ptr<const void> owner_;  // the index outlives its transactions
  Txn txn_;
  std::uint64_t version_;
};

std::uint64_t nextDomainId() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

Error removedError() {
  return makeError(Errc::NotFound, "store: the account was removed");
}

}  // namespace

EmbeddedDomain::EmbeddedDomain(AccountDir account, std::unique_ptr<Index> index)
    : id_(nextDomainId()),
      account_(std::move(account)),
      index_(std::move(index)),
      groupCommit_(CommitTarget{account_, *index_, id_, [this](const Error& error) { fail(error); }}),
      queue_([this](const std::vector<CommitRequest*>& requests) { return groupCommit_.run(requests); }) {}

std::shared_ptr<EmbeddedDomain> EmbeddedDomain::adopt(AccountDir account, std::unique_ptr<Index> index) {
  return std::shared_ptr<EmbeddedDomain>(new EmbeddedDomain(std::move(account), std::move(index)));
}

EmbeddedDomain::~EmbeddedDomain() {
  SegmentCache::instance().forgetAll(id_);
}

Result<std::unique_ptr<EmbeddedDomain>> EmbeddedDomain::open(const std::string& path,
                                                             const AccountDir::Identity& identity) {
  PH_TRY(AccountDir account, AccountDir::open(path, LockMode::Shared));
  PH_TRY(const auto opened, account.identity());
  if (opened != identity) return makeError(Errc::Conflict, "store: the account was made anew");
  PH_TRY(auto index, openOrRepair(account));
  std::unique_ptr<EmbeddedDomain> domain(new EmbeddedDomain(std::move(account), std::move(index)));
  PH_TRY(Txn txn, domain->index_->beginRead());
  PH_TRY(const Position position, readPosition(txn));
  if (position.removed) return removedError();
  PH_TRY(const bool tail, hasTail(domain->account_, domain->id_, position));
  // An empty commit takes the tail over. When the disk is full that must not keep anybody from reading.
  if (tail) static_cast<void>(domain->queue_.run([](Batch&) { return Status(); }));
  return domain;
}

Status EmbeddedDomain::checkUsable() {
  if (account_.gone()) return removedError();
  return failure_.with([](const std::optional<Error>& failure) -> Status {
    if (!failure) return {};
    return makeError(Errc::Io, "store: the account is read-only since its disk failed: " + failure->text);
  });
}

void EmbeddedDomain::fail(const Error& error) {
  failure_.with([&](std::optional<Error>& failure) {
    if (!failure) failure = error;
  });
  log::write(messages::kDomainFailed, {{"account", account_.path}, {"error", error.describe()}});
}

bool EmbeddedDomain::stale() {
  if (!checkUsable().ok() || !index_->usable()) return true;
  auto txn = index_->beginRead();
  if (!txn.ok()) return false;
  const auto position = readPosition(*txn);
  return position.ok() && position->removed;
}

Result<std::unique_ptr<Snapshot>> EmbeddedDomain::snapshot() {
  PH_TRY(Txn txn, index_->beginRead());
  PH_TRY(const Position position, readPosition(txn));
  if (position.removed) return removedError();
  return std::unique_ptr<Snapshot>(
      std::make_unique<EmbeddedSnapshot>(shared_from_this(), std::move(txn), position.version));
}

// Visible is as good as Durable here: the index is flushed with every commit and must never be ahead of the
// log.
Result<std::uint64_t> EmbeddedDomain::commit(Sync, const std::function<Status(Batch&)>& work) {
  PH_CHECK(checkUsable());
  return queue_.run(work);
}

Result<std::unique_ptr<BlobWriter>> EmbeddedDomain::blob(std::uint64_t) {
  PH_CHECK(checkUsable());
  return std::unique_ptr<BlobWriter>(
      std::make_unique<EmbeddedBlobWriter>(shared_from_this(), account_, *index_));
}

// Nothing when the file is gone or another record stands there.
Result<std::optional<EmbeddedDomain::Located>> EmbeddedDomain::lookAt(const BlobRef& blob, Place place) {
  auto segment = SegmentCache::instance().get(id_, account_.log.get(), place.segment);
  if (!segment.ok()) {
    const Errc code = segment.error().code;
    if (code == Errc::NotFound || code == Errc::Corrupt) return std::optional<Located>();
    return segment.error();
  }
  PH_TRY(const auto header, readRecordHeader(**segment, place.offset));
  if (!header || header->type != RecordType::Msg || header->length != blob.length ||
      header->bodyCrc != blob.crc)
    return std::optional<Located>();
  return std::optional<Located>(Located{*segment, place.offset});
}

Result<EmbeddedDomain::Located> EmbeddedDomain::locate(const BlobRef& blob) {
  const Place own{blob.segment, blob.offset};
  PH_TRY(auto found, lookAt(blob, own));
  if (found) return *found;
  // Compaction may have moved it, or the cached file may be one that another process has replaced.
  SegmentCache::instance().forget(id_, blob.segment);
  PH_TRY(found, lookAt(blob, own));
  if (found) return *found;
  Place place;
  {
    PH_TRY(Txn txn, index_->beginRead());
    PH_TRY(place, currentPlace(txn, blob));
  }
  SegmentCache::instance().forget(id_, place.segment);
  PH_TRY(found, lookAt(blob, place));
  if (found) return *found;
  return makeError(Errc::Corrupt, "store: no record of the log carries this blob's reference");
}

Result<BlobSlice> EmbeddedDomain::read(const BlobRef& blob, std::uint64_t at, std::uint64_t length) {
  PH_TRY(const Located found, locate(blob));
  BlobSlice slice;
  slice.fd = found.segment->fd.get();
  slice.offset = found.offset + kRecordHeaderSize + std::min(at, blob.length);
  slice.length = std::min(length, blob.length - std::min(at, blob.length));
  slice.pin = found.segment;
  return slice;
}

Status EmbeddedDomain::verify(const BlobRef& blob) {
  PH_TRY(const Located found, locate(blob));
  RecordHeader header;
  header.length = blob.length;
  header.bodyCrc = blob.crc;
  PH_TRY(const BodyState state, checkBody(*found.segment, found.offset, header));
  if (state == BodyState::Sound) return {};
  return makeError(Errc::Corrupt, "store: the blob in segment " +
                                      std::to_string(found.segment->header.number) + " at " +
                                      std::to_string(found.offset) + " fails its check");
}

Status EmbeddedDomain::maintain(std::uint64_t budgetMicros) {
  PH_CHECK(checkUsable());
  return Maintenance(*this, budgetMicros).run();
}

Result<DomainInfo> EmbeddedDomain::info() {
  PH_TRY(Txn txn, index_->beginRead());
  PH_TRY(const Position position, readPosition(txn));
  if (position.removed) return removedError();
  return DomainInfo{position.version, position.bytesLive, position.bytesDead, position.bytesLog};
}

Status EmbeddedDomain::markRemoved() {
  PH_TRY(Txn txn, index_->beginWrite());
  PH_TRY(Position position, readPosition(txn));
  position.removed = true;
  PH_CHECK(txn.put(Key::position(), encodePosition(position)));
  return txn.commit();
}

Status EmbeddedDomain::rebase() {
  PH_CHECK(Maintenance(*this, 0).rebase());
  return removeLossMark(account_);
}

}  // namespace posthorn::store::embedded
