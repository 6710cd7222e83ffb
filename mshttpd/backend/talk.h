// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mshttpd/backend/pool.h"

namespace posthorn::mshttpd::backend {

/// What may be said once more when the connection turns out to have died before the server heard it.
enum class Again : std::uint8_t { No, Yes };

/// One user's conversation with a store host: takes a connection from the pool when it is needed, and gives
/// it back when others wait or it ends. Shared by a MailHost and the texts that it gave out. One thread at a
/// time.
class Talk {
 public:
  Talk(std::shared_ptr<Pool> pool, Client client) : pool_(std::move(pool)), client_(std::move(client)) {}

  /// Runs `work(Connection&)`, which gives a Result or Status; with Again::Yes a second time if the
  /// connection was one that had died in the pool.
  template <typename Work>
  auto with(Again again, Work&& work) -> decltype(work(std::declval<Connection&>())) {
    if (inside_) return makeError(Errc::Internal, "a conversation inside of another one");
    const Inside held(inside_);
    for (int attempt = 0;; ++attempt) {
      PH_CHECK(take());
      auto result = work(**lease_);
      const bool dead = (*lease_)->dead();
      const bool stale = dead && lease_->used() && !(*lease_)->heard();
      if (!(*lease_)->clean())
        lease_.reset();
      else
        rest();
      if (result.ok() || !stale || again == Again::No || attempt > 0) return result;
    }
  }
  /// One command. The server's refusal is no error here.
  Result<Reply> ask(Again again, const Request& request) {
    return with(again, [&](Connection& connection) { return connection.ask(request); });
  }
  Result<std::vector<Reply>> askAll(Again again, const std::vector<Request>& requests) {
    return with(again, [&](Connection& connection) { return connection.askAll(requests); });
  }

  /// Gives the connection back; the next command takes one again.
  void end() { lease_.reset(); }
  /// From now on after every command: nobody asks for long.
  void endAlways() {
    if (!inside_) end();
    brief_ = true;
  }
  [[nodiscard]] const Client& client() const { return client_; }

 private:
  struct Inside {
    explicit Inside(bool& flag) : is(flag) { is = true; }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() { is = false; }
    bool& is;
  };

  Status take() {
    if (lease_) return okStatus();
    PH_TRY(lease_, pool_->lease(client_));
    return okStatus();
  }
  void rest() {
    if (brief_ || pool_->contended()) lease_.reset();
  }

  std::shared_ptr<Pool> pool_;
  Client client_;
  std::optional<Pool::Lease> lease_;
  bool brief_ = false;
  bool inside_ = false;
};

}  // namespace posthorn::mshttpd::backend
