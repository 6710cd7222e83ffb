// SPDX-License-Identifier: Apache-2.0
#pragma once

// The only door to LMDB: one environment per account, the view of its log that all processes share.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <lmdb.h>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::store::embedded {

class Index;

/// A transaction; ended without commit() it changes nothing. One thread, which also began it.
/// Keys are the index's own: user keys and the engine's rows (rows.h) share one tree.
class Txn {
 public:
  Txn(Index& index, MDB_txn* txn, bool writes) : index_(&index), txn_(txn), writes_(writes) {}
  Txn(Txn&& other) noexcept
      : index_(other.index_), txn_(std::exchange(other.txn_, nullptr)), writes_(other.writes_) {}
  Txn& operator=(Txn&&) = delete;
  ~Txn();

  /// Valid while the transaction lives and until its next change.
  Result<View> get(View key);
  Status put(View key, View value);
  /// True when the row was there.
  Result<bool> erase(View key);
  /// Rows of [from, to) in key order until `row` says false.
  Status scan(View from, View to, const std::function<bool(View, View)>& row);
  /// Erases the rows of [from, to), at most `limit` of them and one more, and says how many.
  Result<std::size_t> eraseRange(View from, View to, std::size_t limit);
  /// LMDB's number of the state that it shows.
  [[nodiscard]] std::uint64_t id() const { return ::mdb_txn_id(txn_); }
  /// Makes the changes visible and, unless the index is in bulk mode, durable.
  Status commit();

 private:
  friend class Index;
  Index* index_;
  MDB_txn* txn_;
  bool writes_;
};

/// One open LMDB environment. Never opened twice in a process, never used across fork. Any thread.
class Index {
 public:
  enum class Mode {
    Shared,  ///< every commit is flushed
    Bulk,    ///< nothing is flushed before sync(): only for an index that is being built aside
  };
  /// `directory` exists. Corrupt when the file is no sound LMDB file.
  static Result<std::unique_ptr<Index>> open(const std::string& directory, Mode mode);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  Result<Txn> beginRead();
  /// Waits for the writer of any process; recovers the lock of a killed one.
  Result<Txn> beginWrite();
  Status sync();
  /// Gives reader slots of dead processes back.
  void checkReaders();
  /// What the rows take, in bytes of pages; 0 when it cannot be told.
  std::uint64_t bytesUsed();
  /// False once LMDB has declared the environment unusable in this process.
  bool usable();

  /// What ends a write transaction: ::mdb_txn_commit, whose return codes it has and which ends the
  /// transaction in any case.
  using CommitCall = std::function<int(MDB_txn*)>;
  /// For tests, which let it fail where no disk can be made to. Before the first transaction.
  void commitThrough(CommitCall call) { commitCall_ = std::move(call); }

 private:
  friend class Txn;
  explicit Index(MDB_env* env) : env_(env) {}
  Status openDatabase();
  void recycle(MDB_txn* reader);

  static constexpr std::size_t kIdleReaders = 4;
  MDB_env* env_;
  MDB_dbi rows_ = 0;
  CommitCall commitCall_ = ::mdb_txn_commit;
  std::mutex mutex_;
  std::vector<MDB_txn*> idleReaders_;  // reset read transactions that keep their slot; under mutex_
};

/// The map's size in every process: growing it later would need all transactions of a process to pause.
std::size_t indexMapSize();

}  // namespace posthorn::store::embedded
