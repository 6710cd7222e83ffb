// SPDX-License-Identifier: Apache-2.0
#pragma once

// The narrow store engine: one Domain = one account = the unit of transaction, order and recovery.
// Nothing here knows of mailboxes or messages; keys and values are common/store/schema.h's.
//
// Rules that every engine and every caller keep:
//  - no view of stored bytes outlives its Snapshot, and no Snapshot lives across a socket write, timer or
//  lock;
//  - a commit function may run twice, and on another caller's thread (callers who wait for each other's flush
//    are merged); it must be idempotent, touch nothing but its Batch and its own captures, and never commit;
//  - keys have 1 to kMaxKey bytes (Invalid, TooBig), values at most kMaxValue (TooBig), the keys and values
//  of a
//    batch at most kMaxBatch (Limit);
//  - a range is from <= key < to; an empty `to` is the end of all keys;
//  - Durable means: when commit() returns ok, a power cut does not undo it.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::store {

inline constexpr std::size_t kMaxKey = 480;
inline constexpr std::size_t kMaxValue = std::size_t{64} * 1024;
/// Whatever must be one commit, fits. What need not be ends at kFullEdit (edit.h), for others wait meanwhile.
inline constexpr std::size_t kMaxBatch = std::size_t{16} * 1024 * 1024;
inline constexpr std::size_t kMaxErased =
    std::size_t{64} * 1024;  ///< rows that the eraseRange calls of one batch may erase

/// Where a stored blob (one message record) lies. Stored verbatim inside cold blocks: fixed layout, 32 bytes.
struct BlobRef {
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;                          ///< of the record's header in the segment
  std::uint64_t length = 0;                          ///< of the payload, without header and padding
  std::uint32_t crc = 0;                             ///< of the payload
  auto operator<=>(const BlobRef&) const = default;  // NOLINT(modernize-use-nullptr): the tool errs
};

/// A readable range of a blob: a file range for sendfile and pread, or memory (memory engine).
/// The pin keeps the segment readable even when compaction unlinks it meanwhile. Any thread.
struct BlobSlice {
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  View memory;  ///< used when fd is -1
  std::shared_ptr<const void> pin;

  /// Copies up to `size` bytes from `at` (relative to the slice). Short only at its end.
  [[nodiscard]] Result<std::size_t> read(std::uint64_t at, char* out, std::size_t size) const;
};

enum class Sync {
  Durable,  ///< survives a power cut when commit() has returned
  Visible,  ///< survives kill -9 at once, a power cut after a second at most
};

/// A consistent view of one domain. Short lived, one thread.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  /// Grows by at least one with every commit.
  [[nodiscard]] virtual std::uint64_t version() const = 0;
  /// The value, valid while the snapshot (or batch) lives and, in a batch, until its next put or del;
  /// NotFound.
  virtual Result<View> get(View key) = 0;
  /// The range's rows in key order until `row` says false; `row` may read, and must not change the batch.
  virtual Status scan(View from, View to, const std::function<bool(View key, View value)>& row) = 0;
};

/// The read-modify-write of one commit. Reads see the state that the batch commits on, with its own changes.
class Batch : public Snapshot {
 public:
  virtual Status put(View key, View value) = 0;
  virtual Status erase(View key) = 0;  ///< no error when the key is not there
  virtual Status eraseRange(View from, View to) = 0;
  /// The sealed blob becomes durable with this batch; its final place is returned. The writer must live until
  /// commit() has returned; one that went into a successful commit can be attached no more.
  virtual Result<BlobRef> attach(class BlobWriter& staged) = 0;
  /// The blob's space may be given back by maintain(). No error when it was released before.
  virtual Status release(const BlobRef& blob) = 0;
};

/// A blob on its way in: garbage unless attached to a commit. Streams of any size in bounded memory
/// (small blobs stay in memory, large ones go to a private segment). Job threads; one at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Status write(View part) = 0;
  /// No more bytes follow. Large blobs are flushed here, outside of the write lock.
  virtual Status seal() = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

struct DomainInfo {
  std::uint64_t version = 0;
  std::uint64_t bytesLive = 0;  ///< of attached blobs, with their record headers
  std::uint64_t bytesDead = 0;  ///< of released blobs whose space is not given back yet
  std::uint64_t bytesLog = 0;   ///< on disk: blobs of both kinds and the history of the metadata
};

/// One account's data. Any job thread; shared by all sessions of this process.
class Domain {
 public:
  virtual ~Domain() = default;
  virtual Result<std::unique_ptr<Snapshot>> snapshot() = 0;
  /// Runs `work` under the domain's writer order, across all processes. Error from `work`: nothing changes.
  /// Returns the new version; a batch without any change writes nothing and keeps the version.
  virtual Result<std::uint64_t> commit(Sync sync, const std::function<Status(Batch&)>& work) = 0;
  virtual Result<std::unique_ptr<BlobWriter>> blob(std::uint64_t sizeHint) = 0;
  /// The blob's bytes [at, at + length). Corrupt when its record does not carry this reference.
  virtual Result<BlobSlice> read(const BlobRef& blob, std::uint64_t at, std::uint64_t length) = 0;
  /// Reads the whole blob and compares its CRC.
  virtual Status verify(const BlobRef& blob) = 0;
  /// Checkpoint, compaction, collection of orphaned staging, for about `budgetMicros`.
  virtual Status maintain(std::uint64_t budgetMicros) = 0;
  virtual Result<DomainInfo> info() = 0;
};

struct RepairReport {
  std::uint64_t batches = 0;
  std::uint64_t blobs = 0;
  std::vector<std::string> damage;  ///< one line for each damaged record: where and what
  bool commitsLost = false;  ///< changes that were told to somebody are gone: numbers may have gone back
};

/// All accounts of a store. Domains are cached (LRU) and opened once a process. Never used before fork.
class Engine {
 public:
  virtual ~Engine() = default;
  enum class Create { No, Yes };
  /// NotFound when the account has no directory and `create` is No.
  virtual Result<std::shared_ptr<Domain>> open(View account, Create create) = 0;
  virtual Status remove(View account) = 0;
  /// Calls `row` for each account, in no order.
  virtual Status accounts(const std::function<bool(View account)>& row) = 0;
  /// What must be done in an account that has lost commits before anybody sees it; may be done twice.
  using AfterLoss = std::function<Status(Domain&)>;
  /// Throws the view away and rebuilds it from the log alone; keeps it when the log has lost what it shows.
  /// Checks every live blob. `afterLoss` runs when the report says commitsLost; until it has succeeded nobody
  /// can open the account. No other process may have the account open (Busy).
  virtual Result<RepairReport> rebuild(View account, const AfterLoss& afterLoss) = 0;
  Result<RepairReport> rebuild(View account) { return rebuild(account, AfterLoss()); }
  /// Closes the cached accounts that no session of this process uses. Workers call it when they are idle, so
  /// that another process can rebuild.
  virtual void closeIdle() = 0;
};

/// "embedded:/var/lib/posthorn/store" or "memory:".
Result<std::unique_ptr<Engine>> openEngine(View url);

}  // namespace posthorn::store
