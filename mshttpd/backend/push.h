// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/net/address.h"
#include "common/net/loop.h"
#include "mshttpd/backend/backends.h"
#include "mshttpd/http/push_source.h"

namespace posthorn::mshttpd::backend {

struct PushPace {
  std::chrono::milliseconds poll{60'000};     ///< where there are no events
  std::chrono::milliseconds shares{300'000};  ///< how often it is asked who shares with a user
  unsigned looks = 4;                         ///< users that are looked at at a time
};

/// Tells event streams what has changed: one connection to the event service of each store host that somebody
/// watches, whose events carry the account's new state. No IMAP connection waits for anything. Where an event
/// service is away, or has never been (another vendor's server), the users that are watched are looked at
/// once a minute instead, over the pool, a few at a time; the log says so. After a gap all are.
/// Loop thread.
class Push final : public http::PushSource {
 public:
  /// Runs something that blocks on another thread; an error when there is no room.
  using Post = std::function<Status(std::function<void()> work)>;

  Push(net::Loop& loop, std::shared_ptr<Backends> hosts, Post post, const PushPace& pace = {});
  ~Push() override;
  Push(const Push&) = delete;
  Push& operator=(const Push&) = delete;

  std::unique_ptr<Subscription> subscribe(const Watcher& watcher,
                                          std::function<void(const http::Changed&)> onChange) override;

  struct Counts {
    std::size_t streams = 0;
    std::size_t users = 0;
    std::size_t feeds = 0;
    std::size_t listening = 0;
    std::size_t looks = 0;  ///< waiting
  };
  [[nodiscard]] Counts counts() const;

 private:
  class Stream;
  class Feed;
  struct Watched {  // a user with a stream or more
    std::string client;
    std::map<std::uint64_t, Stream*> streams;
    std::map<std::string, std::string> owners;  // whose accounts he sees, and at which host
    std::map<std::string, State> told;          // by owner
    bool greeting = false;                      // the next look is told to all, changed or not
    bool queued = false;
    std::optional<Steady> sharesAsked;
  };
  /// What a look has found.
  struct Account {
    std::string owner;
    std::string host;
    std::optional<State> state;
  };
  struct Seen {
    std::string user;
    std::vector<Account> accounts;
    bool askedShares = false;
    bool knowsShares = false;  // and was told
  };

  void leave(const std::string& user, std::uint64_t stream);
  void look(const std::string& user, bool tell);
  void lookMore();
  void onSeen(const Seen& seen);
  static Seen see(Backends& hosts, const std::string& user, const std::string& client, bool withShares,
                  bool withStates);
  void watch(const std::string& user, const Account& account);
  void unwatch(const std::string& user, const std::string& owner);
  Feed& feedOf(const std::string& host);
  void onEvent(const std::string& host, const std::string& owner, const State& state, bool delivered);
  void onGap(const std::string& host);
  void tell(Watched& watched, const http::Changed& changed);
  void onTime();
  void resolve(const std::string& name, std::function<void(std::vector<net::Address>)> done);

  net::Loop& loop_;
  std::shared_ptr<Backends> hosts_;
  Post post_;
  const PushPace pace_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::string, Watched> users_;
  std::map<std::string, std::set<std::string>> watchers_;  // users, by owner
  std::map<std::string, std::unique_ptr<Feed>> feeds_;     // by host
  std::deque<std::string> queue_;                          // users to look at
  unsigned looking_ = 0;
  std::uint64_t lastStream_ = 0;
  net::Timer timer_;
};

}  // namespace posthorn::mshttpd::backend
