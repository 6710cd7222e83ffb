// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "common/net/loop.h"
#include "mshttpd/http/push_source.h"
#include "mshttpd/http/target.h"

namespace posthorn::mshttpd::http {

/// One event stream (RFC 8620 7.3) on a connection: state changes as they come, pings, and every few seconds
/// a look whether the web session is still there: a stream does not keep it alive. When it is over, by a
/// logout or by http.sessiontimeout, the stream ends, and whoever opens it anew hears that. Owned by its
/// connection; loop thread; no thread and no job while nothing happens.
class EventStream {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void write(std::string text) = 0;
    /// May destroy the stream.
    virtual void endEvents() = 0;
    /// Ends the stream when the web session is over; without one (Basic) when it has had a session's time,
    /// so that the client comes back with the password, which is then judged again.
    virtual void lookForSession(bool sessionsTimeIsOver) = 0;
  };

  struct Wish {
    std::set<std::string> types;  ///< empty: all
    bool closeAfterState = false;
    std::chrono::seconds ping{0};  ///< 0: none that the client sees
    bool comesBack = false;        ///< with Last-Event-ID
  };
  /// From the query; nothing when it is not understood. Pure.
  static std::optional<Wish> wishOf(const Parameters& query, bool comesBack);

  /// `timeout`: http.sessiontimeout.
  EventStream(net::Loop& loop, Owner& owner, Wish wish, std::chrono::seconds timeout);
  /// `source` may be null: then there is nothing but pings.
  void begin(PushSource* source, const jmap::Caller& caller);

  /// One StateChange, as an event with its id; empty when no type of it is wanted. Pure.
  static std::string eventOf(const Changed& changed, const std::set<std::string>& types);

 private:
  void onChange(const Changed& changed);
  void onTime();
  void onLook();

  net::Loop& loop_;
  Owner& owner_;
  Wish wish_;
  std::unique_ptr<PushSource::Subscription> subscription_;
  net::Timer timer_;
  std::chrono::milliseconds lookEvery_;
  net::Timer look_;
  const std::chrono::seconds timeout_;
  Steady began_{};
  Steady pinged_{};
};

}  // namespace posthorn::mshttpd::http
