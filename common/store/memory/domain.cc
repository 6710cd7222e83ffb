// SPDX-License-Identifier: Apache-2.0
#include "common/store/memory/domain.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "common/store/engine/crc.h"
#include "common/store/engine/limits.h"

namespace posthorn::store::memory {

Status Writer::write(View part) {
  if (sealed_) return makeError(Errc::Invalid, "store: write to a sealed blob");
  bytes_.append(part);
  return {};
}

Status Writer::seal() {
  sealed_ = true;
  return {};
}

namespace {

Error gone() {
  return makeError(Errc::NotFound, "store: the account was removed");
}

class MemorySnapshot final : public Snapshot {
 public:
  explicit MemorySnapshot(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  [[nodiscard]] std::uint64_t version() const override { return state_->version; }
  Result<View> get(View key) override {
    const auto found = state_->rows.find(key);
    if (found == state_->rows.end()) return makeError(Errc::NotFound, "store: no such key");
    return View(found->second);
  }
  Status scan(View from, View to, const std::function<bool(View, View)>& row) override {
    scanMerged(state_->rows, {}, from, to, row);
    return {};
  }

 private:
  std::shared_ptr<const State> state_;
};

}  // namespace

/// Collects changes over a shared state; nothing is touched before the commit function has succeeded.
class MemoryBatch final : public Batch {
 public:
  MemoryBatch(std::shared_ptr<const State> base, std::uint64_t nextOffset)
      : base_(std::move(base)), nextOffset_(nextOffset) {}

  [[nodiscard]] std::uint64_t version() const override { return base_->version; }
  Result<View> get(View key) override;
  Status scan(View from, View to, const std::function<bool(View, View)>& row) override;
  Status put(View key, View value) override;
  Status erase(View key) override;
  Status eraseRange(View from, View to) override;
  Result<BlobRef> attach(BlobWriter& staged) override;
  Status release(const BlobRef& blob) override;

  /// Nothing was put, erased, attached or released.
  [[nodiscard]] bool empty() const { return !touched_; }
  void apply(MemoryDomain::Stored& stored);

 private:
  std::shared_ptr<const State> base_;
  BatchLimits limits_;
  Changes changes_;
  bool touched_ = false;
  std::uint64_t nextOffset_;
  std::vector<std::pair<BlobRef, Writer*>> attached_;
  std::vector<BlobRef> released_;
};

Result<View> MemoryBatch::get(View key) {
  const auto changed = changes_.find(key);
  if (changed != changes_.end()) {
    if (!changed->second) return makeError(Errc::NotFound, "store: no such key");
    return View(*changed->second);
  }
  const auto found = base_->rows.find(key);
  if (found == base_->rows.end()) return makeError(Errc::NotFound, "store: no such key");
  return View(found->second);
}

Status MemoryBatch::scan(View from, View to, const std::function<bool(View, View)>& row) {
  scanMerged(base_->rows, changes_, from, to, row);
  return {};
}

Status MemoryBatch::put(View key, View value) {
  PH_CHECK(limits_.put(key, value));
  touched_ = true;
  changes_.insert_or_assign(std::string(key), std::string(value));
  return {};
}

Status MemoryBatch::erase(View key) {
  PH_CHECK(limits_.erase(key));
  touched_ = true;
  changes_.insert_or_assign(std::string(key), std::nullopt);
  return {};
}

Status MemoryBatch::eraseRange(View from, View to) {
  PH_CHECK(limits_.eraseRange(from, to));
  touched_ = true;
  std::vector<std::string> keys;
  scanMerged(base_->rows, changes_, from, to, [&](View key, View) {
    keys.emplace_back(key);
    return keys.size() <= kMaxErased;
  });
  PH_CHECK(limits_.erased(keys.size()));
  for (auto& key : keys) changes_.insert_or_assign(std::move(key), std::nullopt);
  return {};
}

Result<BlobRef> MemoryBatch::attach(BlobWriter& staged) {
  auto* writer = dynamic_cast<Writer*>(&staged);
  if (writer == nullptr || !writer->sealed() || writer->spent())
    return makeError(Errc::Invalid, "store: attach needs a sealed blob of this engine, once");
  const auto same = [&](const auto& pair) { return pair.second == writer; };
  if (std::any_of(attached_.begin(), attached_.end(), same))
    return makeError(Errc::Invalid, "store: a blob is attached once");
  const BlobRef ref{1, nextOffset_, writer->size(), crc32Of(writer->bytes())};
  touched_ = true;
  nextOffset_ += 1 + writer->size();
  attached_.emplace_back(ref, writer);
  return ref;
}

Status MemoryBatch::release(const BlobRef& blob) {
  touched_ = true;
  released_.push_back(blob);
  return {};
}

void MemoryBatch::apply(MemoryDomain::Stored& stored) {
  base_.reset();
  State& state = *stored.unshared();
  for (auto& [key, value] : changes_) {
    if (value)
      state.rows.insert_or_assign(key, std::move(*value));
    else
      state.rows.erase(key);
  }
  for (const auto& [ref, writer] : attached_) {
    stored.blobs.emplace(ref, std::make_shared<Blob>(Blob{writer->bytes(), false}));
    writer->spend();
  }
  for (const auto& ref : released_) {
    const auto found = stored.blobs.find(ref);
    if (found != stored.blobs.end()) found->second->released = true;
  }
  stored.nextOffset = nextOffset_;
  ++state.version;
}

State* MemoryDomain::Stored::unshared() {
  if (state.use_count() > 1) state = std::make_shared<State>(*state);
  return state.get();
}

Result<std::unique_ptr<Snapshot>> MemoryDomain::snapshot() {
  return stored_.with([](Stored& stored) -> Result<std::unique_ptr<Snapshot>> {
    if (stored.removed) return gone();
    return std::unique_ptr<Snapshot>(std::make_unique<MemorySnapshot>(stored.state));
  });
}

static Status runGuarded(const std::function<Status(Batch&)>& work, Batch& batch) {
  try {
    return work(batch);
  } catch (const std::exception& thrown) {
    return makeError(Errc::Internal, std::string("store: a commit function threw: ") + thrown.what());
  }
}

Result<std::uint64_t> MemoryDomain::commit(Sync, const std::function<Status(Batch&)>& work) {
  const std::lock_guard<std::mutex> order(writer_);
  std::shared_ptr<const State> base;
  std::uint64_t nextOffset = 0;
  const bool removed = stored_.with([&](Stored& stored) {
    base = stored.state;
    nextOffset = stored.nextOffset;
    return stored.removed;
  });
  if (removed) return gone();
  MemoryBatch batch(std::move(base), nextOffset);
  PH_CHECK(runGuarded(work, batch));
  return stored_.with([&](Stored& stored) -> Result<std::uint64_t> {
    if (stored.removed) return gone();
    if (!batch.empty()) batch.apply(stored);
    return stored.state->version;
  });
}

Result<std::unique_ptr<BlobWriter>> MemoryDomain::blob(std::uint64_t) {
  return std::unique_ptr<BlobWriter>(std::make_unique<Writer>());
}

Result<std::shared_ptr<Blob>> MemoryDomain::find(const BlobRef& blob) {
  return stored_.with([&](Stored& stored) -> Result<std::shared_ptr<Blob>> {
    if (stored.removed) return gone();
    const auto found = stored.blobs.find(blob);
    if (found == stored.blobs.end()) return makeError(Errc::Corrupt, "store: no blob carries this reference");
    return found->second;
  });
}

Result<BlobSlice> MemoryDomain::read(const BlobRef& blob, std::uint64_t at, std::uint64_t length) {
  PH_TRY(const auto found, find(blob));
  BlobSlice slice;
  if (at < blob.length) {
    slice.length = std::min(length, blob.length - at);
    slice.memory =
        View(found->bytes).substr(static_cast<std::size_t>(at), static_cast<std::size_t>(slice.length));
  }
  slice.pin = found;
  return slice;
}

Status MemoryDomain::verify(const BlobRef& blob) {
  PH_TRY(const auto found, find(blob));
  if (crc32Of(found->bytes) != blob.crc) return makeError(Errc::Corrupt, "store: blob fails its check");
  return {};
}

Status MemoryDomain::maintain(std::uint64_t) {
  stored_.with([](Stored& stored) {
    std::erase_if(stored.blobs, [](const auto& entry) { return entry.second->released; });
  });
  return {};
}

Result<DomainInfo> MemoryDomain::info() {
  return stored_.with([](Stored& stored) -> Result<DomainInfo> {
    if (stored.removed) return gone();
    DomainInfo info;
    info.version = stored.state->version;
    for (const auto& [ref, blob] : stored.blobs)
      (blob->released ? info.bytesDead : info.bytesLive) += ref.length;
    info.bytesLog = info.bytesLive + info.bytesDead;
    return info;
  });
}

void MemoryDomain::markRemoved() {
  stored_.with([](Stored& stored) { stored.removed = true; });
}

}  // namespace posthorn::store::memory
