// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/login/web_sessions.h"

#include <algorithm>
#include <array>

#include <lmdb.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/base/ids.h"
#include "mshttpd/login/web_session_record.h"
#include "mshttpd/messages.h"

namespace posthorn::mshttpd::login {
namespace {

#ifdef POSTHORN_SANITIZED
constexpr std::size_t kMapSize = 64UL << 20;
#else
constexpr std::size_t kMapSize = 1UL << 30;
#endif
constexpr unsigned kMostReaders = 1024;
constexpr std::size_t kIdBytes = 32;
constexpr std::size_t kIdLength = 43;
constexpr std::size_t kLeastOfUser = 10;
// `used` is written anew when it is older than this part of the timeout: a request costs no write.
constexpr int kUsedSteps = 20;

std::string urlSafe(View bytes) {
  std::string text = base64::encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string hashOf(View id) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(id.data(), id.size(), digest.data(), &length, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), length};
}

std::string userPrefix(const std::string& user) {
  return user + '\0';
}

MDB_val valueOf(View bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

View viewOf(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

Error lmdbError(int code, std::string_view what) {
  const Errc kind = code == MDB_MAP_FULL ? Errc::Limit : Errc::Io;
  return makeError(kind, "web sessions: " + std::string(what) + ": " + mdb_strerror(code));
}

}  // namespace

/// One transaction; what is not committed is undone.
class WebSessions::Transaction {
 public:
  static Result<Transaction> begin(MDB_env* env, bool writes) {
    Transaction made;
    const int code = mdb_txn_begin(env, nullptr, writes ? 0 : MDB_RDONLY, &made.txn_);
    if (code != 0) return lmdbError(code, "begin");
    return made;
  }
  Transaction(Transaction&& other) noexcept : txn_(std::exchange(other.txn_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
  }

  Status commit() {
    const int code = mdb_txn_commit(std::exchange(txn_, nullptr));
    return code == 0 ? okStatus() : Status(lmdbError(code, "commit"));
  }
  /// Null data: not there. The view is valid until the next write.
  Result<std::optional<View>> get(MDB_dbi dbi, View key) {
    MDB_val k = valueOf(key);
    MDB_val found{};
    const int code = mdb_get(txn_, dbi, &k, &found);
    if (code == MDB_NOTFOUND) return std::optional<View>();
    if (code != 0) return lmdbError(code, "get");
    return std::optional(viewOf(found));
  }
  Status put(MDB_dbi dbi, View key, View data) {
    MDB_val k = valueOf(key);
    MDB_val d = valueOf(data);
    const int code = mdb_put(txn_, dbi, &k, &d, 0);
    return code == 0 ? okStatus() : Status(lmdbError(code, "put"));
  }
  Status remove(MDB_dbi dbi, View key) {
    MDB_val k = valueOf(key);
    const int code = mdb_del(txn_, dbi, &k, nullptr);
    return code == 0 || code == MDB_NOTFOUND ? okStatus() : Status(lmdbError(code, "del"));
  }
  Result<std::size_t> count(MDB_dbi dbi) {
    MDB_stat stat{};
    const int code = mdb_stat(txn_, dbi, &stat);
    if (code != 0) return lmdbError(code, "stat");
    return std::size_t{stat.ms_entries};
  }
  /// Calls f(key, data) for each row that begins with `prefix`, until it says false.
  template <typename F>
  Status each(MDB_dbi dbi, View prefix, F&& f) {
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(txn_, dbi, &cursor);
    if (code != 0) return lmdbError(code, "cursor");
    const std::unique_ptr<MDB_cursor, void (*)(MDB_cursor*)> held(cursor, mdb_cursor_close);
    MDB_val k = valueOf(prefix);
    MDB_val d{};
    for (code = mdb_cursor_get(cursor, &k, &d, prefix.empty() ? MDB_FIRST : MDB_SET_RANGE); code == 0;
         code = mdb_cursor_get(cursor, &k, &d, MDB_NEXT)) {
      if (!viewOf(k).starts_with(prefix) || !f(viewOf(k), viewOf(d))) return okStatus();
    }
    return code == MDB_NOTFOUND ? okStatus() : Status(lmdbError(code, "walk"));
  }
  Status removeSession(const WebSessions& of, const std::string& user, const std::string& hash) {
    PH_CHECK(remove(of.sessions_, hash));
    return remove(of.users_, userPrefix(user) + hash);
  }
  Result<MDB_dbi> table(const char* name) {
    MDB_dbi dbi = 0;
    const int code = mdb_dbi_open(txn_, name, MDB_CREATE, &dbi);
    if (code != 0) return lmdbError(code, "table");
    return dbi;
  }

 private:
  Transaction() = default;
  MDB_txn* txn_ = nullptr;
};

namespace {

// Whether the file itself is at fault. A lack of memory or descriptors must not log everybody out.
bool damaged(int code) {
  return code == MDB_INVALID || code == MDB_VERSION_MISMATCH || code == MDB_CORRUPTED;
}

Result<MDB_env*> openEnvironment(const std::string& path) {
  MDB_env* env = nullptr;
  if (const int code = mdb_env_create(&env); code != 0) return lmdbError(code, "create");
  mdb_env_set_mapsize(env, kMapSize);
  mdb_env_set_maxdbs(env, 2);
  mdb_env_set_maxreaders(env, kMostReaders);
  // A power cut may undo the last logins; it never harms the file.
  const int code = mdb_env_open(env, path.c_str(), MDB_NOSUBDIR | MDB_NOTLS | MDB_NOMETASYNC, 0600);
  if (code == 0) return env;
  mdb_env_close(env);
  return damaged(code) ? makeError(Errc::Corrupt, path + ": " + mdb_strerror(code)) : lmdbError(code, path);
}

}  // namespace

WebSessions::WebSessions(MDB_env* env, unsigned sessions, unsigned users, const Clock& clock)
    : env_(env), sessions_(sessions), users_(users), clock_(clock) {}

WebSessions::~WebSessions() {
  mdb_env_close(env_);
}

Result<std::shared_ptr<WebSessions>> WebSessions::open(const std::string& path, const Clock& clock) {
  auto env = openEnvironment(path);
  if (!env.ok() && env.error().code != Errc::Corrupt) return env.error();
  if (!env.ok()) {
    log::write(messages::kSessionsAnew, {{"error", env.error().describe()}});
    ::unlink(path.c_str());
    env = openEnvironment(path);
    if (!env.ok()) return env.error();
  }
  std::shared_ptr<WebSessions> made(new WebSessions(*env, 0, 0, clock));
  PH_TRY(Transaction txn, Transaction::begin(*env, true));
  PH_TRY(made->sessions_, txn.table("sessions"));
  PH_TRY(made->users_, txn.table("users"));
  PH_CHECK(txn.commit());
  return made;
}

void WebSessions::setPolicy(const Policy& policy) {
  policy_.with([&](Policy& mine) { mine = policy; });
}

WebSessions::Policy WebSessions::policy() const {
  return policy_.with([](const Policy& mine) { return mine; });
}

std::string WebSessions::csrfOf(const std::string& id) {
  constexpr std::string_view kPurpose = "posthorn csrf";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), id.data(), static_cast<int>(id.size()),
       reinterpret_cast<const unsigned char*>(kPurpose.data()), kPurpose.size(), digest.data(), &length);
  return urlSafe({reinterpret_cast<const char*>(digest.data()), length});
}

bool WebSessions::looksLikeId(View text) {
  return text.size() == kIdLength && std::all_of(text.begin(), text.end(), [](char c) {
           return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_';
         });
}

bool WebSessions::isOver(const WebSession& session, const Policy& policy) const {
  return clock_.wall() - session.used > policy.timeout;
}

// The user's oldest goes when he has too many, those that are over when all have.
Status WebSessions::makeRoom(Transaction& txn, const std::string& user, const Policy& policy) {
  std::size_t his = 0;
  std::string oldest;
  Wall least = Wall::max();
  Status failure;
  const std::string prefix = userPrefix(user);
  PH_CHECK(txn.each(users_, prefix, [&](View key, View) {
    ++his;
    const std::string hash(key.substr(prefix.size()));
    const auto record = txn.get(sessions_, hash);
    const auto session = record.ok() && *record ? decode(**record) : std::nullopt;
    const Wall used = session ? session->used : Wall::min();
    if (used < least) {
      least = used;
      oldest = hash;
    }
    return true;
  }));
  if (his >= std::max(kLeastOfUser, policy.most / 100)) PH_CHECK(txn.removeSession(*this, user, oldest));
  PH_TRY(const std::size_t all, txn.count(sessions_));
  if (all >= policy.most) return makeError(Errc::Limit, "http.maxwebsessions is reached");
  return okStatus();
}

Result<std::string> WebSessions::begin(WebSession session) {
  std::array<char, kIdBytes> random{};
  randomBytes(random.data(), random.size());
  std::string id = urlSafe({random.data(), random.size()});
  session.began = session.used = session.checked = clock_.wall();
  const Policy current = policy();
  const std::string hash = hashOf(id);
  PH_TRY(Transaction txn, Transaction::begin(env_, true));
  PH_CHECK(makeRoom(txn, session.user, current));
  PH_CHECK(txn.put(sessions_, hash, encode(session)));
  PH_CHECK(txn.put(users_, userPrefix(session.user) + hash, {}));
  PH_CHECK(txn.commit());
  return id;
}

Result<std::optional<WebSession>> WebSessions::find(const std::string& id, const net::Address& client,
                                                    Use use) {
  const std::string hash = hashOf(id);
  const Policy current = policy();
  std::optional<WebSession> session;
  {
    PH_TRY(Transaction txn, Transaction::begin(env_, false));
    PH_TRY(const auto record, txn.get(sessions_, hash));
    if (record) session = decode(*record);
  }
  if (!session || isOver(*session, current)) return std::optional<WebSession>();
  if (current.bound && !sameNetwork(session->address, client)) return std::optional<WebSession>();
  if (use == Use::Request && clock_.wall() - session->used > current.timeout / kUsedSteps) {
    session->used = clock_.wall();
    PH_TRY(Transaction txn, Transaction::begin(env_, true));
    // It may have been ended meanwhile.
    PH_TRY(const auto still, txn.get(sessions_, hash));
    if (!still) return std::optional<WebSession>();
    PH_CHECK(txn.put(sessions_, hash, encode(*session)));
    PH_CHECK(txn.commit());
  }
  return session;
}

Status WebSessions::keepFresh(const std::string& id, const WebSession& session) {
  const std::string hash = hashOf(id);
  PH_TRY(Transaction txn, Transaction::begin(env_, true));
  PH_TRY(const auto record, txn.get(sessions_, hash));
  const auto current = record ? decode(*record) : std::nullopt;
  if (!current) return okStatus();
  WebSession fresh = session;
  fresh.used = std::max(current->used, session.used);
  fresh.checked = clock_.wall();
  PH_CHECK(txn.put(sessions_, hash, encode(fresh)));
  return txn.commit();
}

Result<std::optional<WebSession>> WebSessions::end(const std::string& id) {
  const std::string hash = hashOf(id);
  PH_TRY(Transaction txn, Transaction::begin(env_, true));
  PH_TRY(const auto record, txn.get(sessions_, hash));
  auto session = record ? decode(*record) : std::nullopt;
  if (!session) return std::optional<WebSession>();
  PH_CHECK(txn.removeSession(*this, session->user, hash));
  PH_CHECK(txn.commit());
  return session;
}

Result<unsigned> WebSessions::endAll(const std::string& user) {
  PH_TRY(Transaction txn, Transaction::begin(env_, true));
  const std::string prefix = userPrefix(user);
  std::vector<std::string> hashes;
  PH_CHECK(txn.each(users_, prefix, [&](View key, View) {
    hashes.emplace_back(key.substr(prefix.size()));
    return true;
  }));
  for (const std::string& hash : hashes) PH_CHECK(txn.removeSession(*this, user, hash));
  PH_CHECK(txn.commit());
  return static_cast<unsigned>(hashes.size());
}

Result<std::vector<WebSession>> WebSessions::collect(std::size_t most) {
  const Policy current = policy();
  std::vector<std::pair<std::string, WebSession>> over;
  {
    PH_TRY(Transaction txn, Transaction::begin(env_, false));
    PH_CHECK(txn.each(sessions_, {}, [&](View key, View data) {
      auto session = decode(data);
      if (!session || isOver(*session, current))
        over.emplace_back(std::string(key), session.value_or(WebSession()));
      return over.size() < most;
    }));
  }
  std::vector<WebSession> gone;
  if (over.empty()) return gone;
  PH_TRY(Transaction txn, Transaction::begin(env_, true));
  for (auto& [hash, seen] : over) {
    PH_TRY(const auto record, txn.get(sessions_, hash));
    const auto session = record ? decode(*record) : std::nullopt;
    if (!record || (session && !isOver(*session, current))) continue;
    PH_CHECK(txn.removeSession(*this, seen.user, hash));
    gone.push_back(std::move(seen));
  }
  PH_CHECK(txn.commit());
  return gone;
}

Result<std::size_t> WebSessions::count() {
  PH_TRY(Transaction txn, Transaction::begin(env_, false));
  return txn.count(sessions_);
}

void WebSessions::clearDead() {
  int dead = 0;
  mdb_reader_check(env_, &dead);
}

}  // namespace posthorn::mshttpd::login
