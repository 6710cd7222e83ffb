// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/events/event.h"
#include "common/events/targets.h"
#include "tools/enpd/wish.h"

namespace posthorn::enpd {

/// A line for subscribers with its end, shared by all who get it.
using Line = std::shared_ptr<const std::string>;

class Exchange;

/// Somebody with subscriptions; outlives them. What it is handed it may queue or drop, nothing else: it must
/// not touch the exchange from within.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  virtual void onEvent(const Line& line) = 0;
  /// Events that may have been meant for it did not reach the service.
  virtual void onLost(std::uint64_t count) = 0;

  [[nodiscard]] std::size_t subscriptions() const { return held_.size(); }

 private:
  friend class Exchange;
  std::unordered_map<std::string, std::size_t> held_;  // name of a wish: its place in the exchange
  std::array<std::uint64_t, kForms> seen_{};           // the last event that it was handed
};

/// Who wants to hear of what: hands each event to those who do. Finding them costs a look-up for the owner
/// and one for each segment of the event's key, whatever the number of subscriptions; only patterns with an
/// open segment in the middle are tried one by one. Without a socket. Loop thread.
class Exchange {
 public:
  /// So many patterns with an open segment in the middle one subscriber may have, and all together.
  static constexpr std::size_t kMaxWild = 64;
  static constexpr std::size_t kMaxWildTogether = 1024;

  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// The keys under which this service's own subscribers hear of its events; others' are ignored.
  void setTargets(std::vector<events::Target> targets);
  /// Called whenever the types that anybody wants have changed.
  void setOnWanted(std::function<void()> onWanted) { onWanted_ = std::move(onWanted); }

  /// All of `wishes` or none of them; one that has the name of an earlier one replaces it. Limit: the
  /// subscriber would have more than `most`, or too many open patterns.
  Status subscribe(Subscriber& subscriber, std::vector<Wish> wishes, std::size_t most);
  void unsubscribe(Subscriber& subscriber, const Wish& wish);
  void unsubscribeAll(Subscriber& subscriber);

  /// An event of this host, under the keys of the local targets. Returns how many lines were handed out.
  std::size_t publish(const events::Event& event);
  /// One that another service has passed on, under its key.
  std::size_t relay(const events::Event& event, std::string_view key);
  /// One that was published as text. Invalid: it has no known evtType.
  Result<std::size_t> publishText(std::string_view reference);
  /// Tells all subscribers.
  void lost(std::uint64_t count);

  /// The types that subscribers want, and those that must be published for that.
  [[nodiscard]] events::EventMask subscribed() const { return subscribed_; }
  [[nodiscard]] events::EventMask wanted() const;
  [[nodiscard]] std::size_t subscriptions() const { return entries_.size() - free_.size(); }

 private:
  struct Entry {
    Subscriber* subscriber = nullptr;  // null: free
    Wish wish;
  };
  /// What is looked for, and how it is written.
  struct Notice {
    std::string path;  // decoded, with the mailbox
    std::string_view owner;
    std::string_view user;
    std::string_view mailbox;
    events::EventType type;
    std::function<std::string(Form)> write;
  };
  using Places = std::vector<std::size_t>;
  using Index = std::unordered_map<std::string, Places>;

  Status checkRoom(const Subscriber& subscriber, const std::vector<Wish>& wishes, std::size_t most) const;
  void add(Subscriber& subscriber, Wish wish);
  void remove(std::size_t place);
  Places& placesFor(const Wish& wish);
  void count(const Wish& wish, bool more);
  std::size_t tell(const Notice& notice);
  void tellOne(const Entry& entry, const Notice& notice, std::array<Line, kForms>& lines, std::size_t& told);
  [[nodiscard]] static bool fits(const Wish& wish, const Notice& notice);

  std::vector<events::Target> targets_;
  std::function<void()> onWanted_;
  std::vector<Entry> entries_;
  Places free_;
  Index byPath_;
  Index byOwner_;
  Places wild_;
  std::unordered_map<Subscriber*, std::size_t> wildOf_;
  std::array<std::size_t, events::kEventTypes> wishesOf_{};  // by type
  events::EventMask subscribed_ = 0;
  std::unordered_map<Subscriber*, bool> subscribers_;
  std::uint64_t serial_ = 0;
};

}  // namespace posthorn::enpd
