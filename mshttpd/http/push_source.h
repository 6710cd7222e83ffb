// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::http {

/// What has changed for one user (RFC 8620 7.1): account id → type ("Email", "Mailbox", "Thread",
/// "EmailDelivery", "Quota", ...) → the new state string of that type.
using Changed = std::map<std::string, std::map<std::string, std::string>>;

/// Where event streams hear of changes. Loop thread; outlives all streams. Two implement it: backend::Push,
/// which hears of them, and AskedStates, which asks for more.
class PushSource {
 public:
  virtual ~PushSource() = default;

  /// Ends the subscription when it is destroyed; destroyed on the loop, also from within `onChange`.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  /// Who watches, and what he wants.
  struct Watcher {
    jmap::Caller caller;
    std::set<std::string> types = {};  ///< a hint: others are harmless; empty: all
    bool current = false;              ///< see subscribe()
  };

  /// From now on `onChange` is called on the loop, never from within this call, each time when an account
  /// that the caller sees has changed: his own, and those shared with him. Calls may join several
  /// changes; a state that comes twice is harmless. After a gap (the back end was gone) the current states of
  /// everything are given again. `current`: the first call tells the current states of everything (a client
  /// that comes back and may have missed something).
  virtual std::unique_ptr<Subscription> subscribe(const Watcher& watcher,
                                                  std::function<void(const Changed&)> onChange) = 0;
};

}  // namespace posthorn::mshttpd::http
