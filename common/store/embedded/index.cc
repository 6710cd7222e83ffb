// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/index.h"

#include <utility>

namespace posthorn::store::embedded {

namespace {

constexpr unsigned kReaders = 1022;

Error lmdbError(int code, const std::string& what) {
  const std::string text = "index: " + what + ": " + ::mdb_strerror(code);
  switch (code) {
    case MDB_NOTFOUND:
      return makeError(Errc::NotFound, "store: no such key");
    case MDB_MAP_FULL:
      return makeError(Errc::NoSpace, text + " (the account's index has reached its map size)");
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
      return makeError(Errc::Corrupt, text);
    case MDB_READERS_FULL:
      return makeError(Errc::Unavailable, text);
    case MDB_TXN_FULL:
      return makeError(Errc::Limit, text);
    case MDB_BAD_VALSIZE:
      return makeError(Errc::Invalid, text);
    case MDB_PANIC:
      return makeError(Errc::Io, text);
    default:
      return code > 0 ? errnoError(code, "index: " + what) : makeError(Errc::Internal, text);
  }
}

MDB_val toVal(View view) {
  return MDB_val{view.size(), const_cast<char*>(view.data())};
}

View toView(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

struct CursorClose {
  void operator()(MDB_cursor* cursor) const { ::mdb_cursor_close(cursor); }
};
using Cursor = std::unique_ptr<MDB_cursor, CursorClose>;

Result<Cursor> openCursor(MDB_txn* txn, MDB_dbi rows) {
  MDB_cursor* raw = nullptr;
  const int rc = ::mdb_cursor_open(txn, rows, &raw);
  if (rc != 0) return lmdbError(rc, "cursor");
  return Cursor(raw);
}

}  // namespace

std::size_t indexMapSize() {
#ifdef POSTHORN_SANITIZED
  return std::size_t{64} << 20;
#else
  return std::size_t{8} << 30;
#endif
}

Txn::~Txn() {
  if (txn_ == nullptr) return;
  if (writes_)
    ::mdb_txn_abort(txn_);
  else
    index_->recycle(txn_);
}

Result<View> Txn::get(View key) {
  MDB_val raw = toVal(key);
  MDB_val value{};
  const int rc = ::mdb_get(txn_, index_->rows_, &raw, &value);
  if (rc != 0) return lmdbError(rc, "get");
  return toView(value);
}

Status Txn::put(View key, View value) {
  MDB_val rawKey = toVal(key);
  MDB_val rawValue = toVal(value);
  const int rc = ::mdb_put(txn_, index_->rows_, &rawKey, &rawValue, 0);
  if (rc != 0) return lmdbError(rc, "put");
  return {};
}

Result<bool> Txn::erase(View key) {
  MDB_val raw = toVal(key);
  const int rc = ::mdb_del(txn_, index_->rows_, &raw, nullptr);
  if (rc == MDB_NOTFOUND) return false;
  if (rc != 0) return lmdbError(rc, "erase");
  return true;
}

Status Txn::scan(View from, View to, const std::function<bool(View, View)>& row) {
  PH_TRY(const Cursor cursor, openCursor(txn_, index_->rows_));
  MDB_val key = toVal(from);
  MDB_val value{};
  int rc = ::mdb_cursor_get(cursor.get(), &key, &value, MDB_SET_RANGE);
  while (rc == 0 && toView(key) < to) {
    if (!row(toView(key), toView(value))) return {};
    rc = ::mdb_cursor_get(cursor.get(), &key, &value, MDB_NEXT);
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return lmdbError(rc, "scan");
  return {};
}

Result<std::size_t> Txn::eraseRange(View from, View to, std::size_t limit) {
  PH_TRY(const Cursor cursor, openCursor(txn_, index_->rows_));
  std::size_t erased = 0;
  MDB_val key = toVal(from);
  MDB_val value{};
  int rc = ::mdb_cursor_get(cursor.get(), &key, &value, MDB_SET_RANGE);
  while (rc == 0 && erased <= limit && toView(key) < to) {
    rc = ::mdb_cursor_del(cursor.get(), 0);
    if (rc != 0) return lmdbError(rc, "erase range");
    ++erased;
    // Found anew from the start: after a delete 0.9's MDB_NEXT is easy to get wrong across a page merge.
    key = toVal(from);
    rc = ::mdb_cursor_get(cursor.get(), &key, &value, MDB_SET_RANGE);
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return lmdbError(rc, "erase range");
  return erased;
}

Status Txn::commit() {
  MDB_txn* txn = std::exchange(txn_, nullptr);
  const int rc = writes_ ? index_->commitCall_(txn) : ::mdb_txn_commit(txn);
  if (rc != 0) return lmdbError(rc, "commit");
  return {};
}

Result<std::unique_ptr<Index>> Index::open(const std::string& directory, Mode mode) {
  MDB_env* env = nullptr;
  int rc = ::mdb_env_create(&env);
  if (rc != 0) return lmdbError(rc, "create");
  std::unique_ptr<Index> index(new Index(env));
  if (rc = ::mdb_env_set_mapsize(env, indexMapSize()); rc != 0) return lmdbError(rc, "map size");
  if (rc = ::mdb_env_set_maxreaders(env, kReaders); rc != 0) return lmdbError(rc, "readers");
  const unsigned flags = MDB_NOTLS | (mode == Mode::Bulk ? MDB_NOSYNC : 0U);
  if (rc = ::mdb_env_open(env, directory.c_str(), flags, 0600); rc != 0) return lmdbError(rc, "open");
  index->checkReaders();
  PH_CHECK(index->openDatabase());
  return index;
}

Status Index::openDatabase() {
  MDB_txn* txn = nullptr;
  int rc = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  if (rc != 0) return lmdbError(rc, "begin");
  rc = ::mdb_dbi_open(txn, nullptr, 0, &rows_);
  if (rc != 0) {
    ::mdb_txn_abort(txn);
    return lmdbError(rc, "open database");
  }
  rc = ::mdb_txn_commit(txn);
  if (rc != 0) return lmdbError(rc, "open database");
  return {};
}

Index::~Index() {
  for (MDB_txn* reader : idleReaders_) ::mdb_txn_abort(reader);
  ::mdb_env_close(env_);
}

Result<Txn> Index::beginRead() {
  MDB_txn* txn = nullptr;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (!idleReaders_.empty()) {
      txn = idleReaders_.back();
      idleReaders_.pop_back();
    }
  }
  if (txn != nullptr) {
    if (::mdb_txn_renew(txn) == 0) return Txn(*this, txn, false);
    ::mdb_txn_abort(txn);
  }
  int rc = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  if (rc == MDB_READERS_FULL) {
    checkReaders();
    rc = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  }
  if (rc != 0) return lmdbError(rc, "begin read");
  return Txn(*this, txn, false);
}

Result<Txn> Index::beginWrite() {
  MDB_txn* txn = nullptr;
  const int rc = ::mdb_txn_begin(env_, nullptr, 0, &txn);
  if (rc != 0) return lmdbError(rc, "begin write");
  return Txn(*this, txn, true);
}

Status Index::sync() {
  const int rc = ::mdb_env_sync(env_, 1);
  if (rc != 0) return lmdbError(rc, "sync");
  return {};
}

void Index::checkReaders() {
  int dead = 0;
  static_cast<void>(::mdb_reader_check(env_, &dead));
}

std::uint64_t Index::bytesUsed() {
  MDB_stat stat{};
  if (::mdb_env_stat(env_, &stat) != 0) return 0;
  return (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) * std::uint64_t{stat.ms_psize};
}

bool Index::usable() {
  MDB_txn* txn = nullptr;
  const int rc = ::mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn);
  if (rc == 0) ::mdb_txn_abort(txn);
  return rc != MDB_PANIC;
}

void Index::recycle(MDB_txn* reader) {
  ::mdb_txn_reset(reader);
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    if (idleReaders_.size() < kIdleReaders) {
      idleReaders_.push_back(reader);
      return;
    }
  }
  ::mdb_txn_abort(reader);
}

}  // namespace posthorn::store::embedded
