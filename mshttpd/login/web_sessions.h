// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/locked.h"
#include "common/base/result.h"
#include "common/net/address.h"

struct MDB_env;

namespace posthorn::mshttpd::login {

/// Who is logged in, and since when.
struct WebSession {
  std::string user;                    ///< canonical id: whose mail it is
  std::string by;                      ///< who proved to be somebody; another one for a proxy login
  std::string name;                    ///< from the directory
  std::vector<std::string> addresses;  ///< the primary one first
  net::Address address;                ///< that logged in
  bool anonymous = false;
  Wall began{};
  Wall used{};     ///< by a request; exact to a fraction of the timeout
  Wall checked{};  ///< when the directory last said that the user may
};

/// The web sessions of an instance: one small LMDB, shared by all workers and all times, so that a session
/// made in one works in every other and survives a restart. Only a hash of a session's id is kept: who reads
/// the file cannot become anybody. Any thread but the loop's; every call blocks on a file.
class WebSessions {
 public:
  struct Policy {
    std::chrono::seconds timeout{7200};  ///< without a request
    std::size_t most = 100'000;          ///< of all users; a hundredth of it, at least 10, of one
    bool bound = true;                   ///< to the network (/24, /64) that logged in
  };

  /// Opens, or makes, the file `path` and `path`-lock. One that cannot be read is made anew: everybody logs
  /// in again. `clock` outlives this.
  static Result<std::shared_ptr<WebSessions>> open(const std::string& path, const Clock& clock);
  ~WebSessions();
  WebSessions(const WebSessions&) = delete;
  WebSessions& operator=(const WebSessions&) = delete;

  void setPolicy(const Policy& policy);
  [[nodiscard]] Policy policy() const;

  /// Makes one and returns its id: 43 characters that are shown to the client and kept nowhere here. When the
  /// user has too many his oldest goes. Errc::Limit: there are too many in all.
  Result<std::string> begin(WebSession session);

  enum class Use : std::uint8_t {
    Request,  ///< the session lives on from now
    Look,     ///< an event stream asks whether it is still there
  };
  /// Nothing: unknown, over, or asked for from another network.
  Result<std::optional<WebSession>> find(const std::string& id, const net::Address& client, Use use);
  /// The directory has said that the user still may, and what he is called.
  Status keepFresh(const std::string& id, const WebSession& session);

  /// The session that was ended; nothing when there was none.
  Result<std::optional<WebSession>> end(const std::string& id);
  /// All of a user; how many.
  Result<unsigned> endAll(const std::string& user);
  /// Takes those away that are over, at most `most`.
  Result<std::vector<WebSession>> collect(std::size_t most);
  Result<std::size_t> count();
  /// Frees what a process that died held.
  void clearDead();

  /// The token that requests of this session must show besides its cookie: follows from the id alone. Pure.
  static std::string csrfOf(const std::string& id);
  /// Whether this could be an id. Pure.
  static bool looksLikeId(View text);

 private:
  WebSessions(MDB_env* env, unsigned sessions, unsigned users, const Clock& clock);

  class Transaction;
  [[nodiscard]] bool isOver(const WebSession& session, const Policy& policy) const;
  Status makeRoom(Transaction& txn, const std::string& user, const Policy& policy);

  MDB_env* env_;
  unsigned sessions_;  // SHA-256 of the id → the session
  unsigned users_;     // user, NUL, the same hash → nothing
  const Clock& clock_;
  Locked<Policy> policy_;
};

}  // namespace posthorn::mshttpd::login
