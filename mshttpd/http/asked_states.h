// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/base/result.h"
#include "common/net/loop.h"
#include "mshttpd/http/push_source.h"

namespace posthorn::mshttpd::http {

/// Adds to the changes that another source tells those which no event says: of types with a state of their
/// own (RFC 8621 1.5: Identity, EmailSubmission; RFC 9425: Quota). Each of their changes is a change of the
/// account as well; so an account that has changed is asked for them a moment later, once for all changes in
/// between and for all streams of its user. A stream that wants none of them costs nothing. Loop thread.
class AskedStates final : public PushSource {
 public:
  /// Something that blocks, for another thread.
  using Work = std::function<Changed()>;
  struct Means {
    /// How these accounts stand for the caller. Called on the loop.
    std::function<Work(const jmap::Caller& caller, std::set<std::string> accounts)> ask;
    /// Runs something on another thread; an error when there is no room.
    std::function<Status(std::function<void()> work)> post;
    /// What is asked for.
    std::set<std::string> types;
  };
  struct Pace {
    std::chrono::milliseconds delay{1000};
    unsigned asks = 2;  ///< users asked for at a time
  };

  /// `changes` outlives it.
  AskedStates(net::Loop& loop, PushSource& changes, Means means, const Pace& pace);
  ~AskedStates() override;
  AskedStates(const AskedStates&) = delete;
  AskedStates& operator=(const AskedStates&) = delete;

  std::unique_ptr<Subscription> subscribe(const Watcher& watcher,
                                          std::function<void(const Changed&)> onChange) override;

 private:
  class Stream;
  struct User {
    jmap::Caller caller;
    std::map<std::uint64_t, Stream*> streams;
    std::set<std::string> changed;  ///< accounts, since they were asked for
    bool queued = false;
  };
  struct Turn {
    std::string user;
    Steady due;
  };

  void leave(const std::string& user, std::uint64_t stream);
  void note(const std::string& user, const Changed& changed);
  void askMore();
  void onAsked(const std::string& user, const Changed& states);

  net::Loop& loop_;
  PushSource& changes_;
  Means means_;
  const Pace pace_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::string, User> users_;
  std::deque<Turn> queue_;  ///< by `due`
  unsigned asking_ = 0;
  std::uint64_t lastStream_ = 0;
  net::Timer timer_;
};

}  // namespace posthorn::mshttpd::http
