// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a worker with open sessions hears of changes:
//
//   std::shared_ptr<events::Watcher> watcher = handover.watcher;          one for each worker
//   events::Interest interest = watcher->watch(accountId, [this] { markDirty(); });
//   ... then read the account's version, and again after each callback
//
// The order matters: first watch(), then read the version that is compared later. A callback is a hint that
// the account may have changed (another account of the same bucket may have, or the session itself): compare
// Snapshot::version() or MODSEQ in a job. Changes by this process are heard like all others.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "common/base/bytes.h"
#include "common/events/area.h"
#include "common/net/loop.h"

namespace posthorn::events {

class Watcher;

/// Interest in one account, for as long as it lives (a session, or whatever has the account open). Movable.
/// May be destroyed in any callback, and after its Watcher. Loop thread.
class Interest {
 public:
  struct Entry;
  Interest() = default;
  explicit Interest(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}
  Interest(Interest&& other) noexcept = default;
  Interest& operator=(Interest&& other) noexcept;
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;
  ~Interest() { reset(); }
  /// No callback comes after it.
  void reset();
  explicit operator bool() const { return entry_ != nullptr; }

 private:
  std::shared_ptr<Entry> entry_;
};

/// The loop's side of the event area. Loop thread, as everything here.
class Watcher {
 public:
  /// How long a change goes unnoticed at worst when this worker cannot hear (see hears()).
  static constexpr std::chrono::seconds kPoll{15};

  /// Listens in `slot` of `area`. Without an area it makes one of its own, so that it hears this process.
  /// With an area and no slot (all are taken) it cannot hear and polls.
  explicit Watcher(net::Loop& loop, std::shared_ptr<const Area> area = nullptr,
                   std::optional<std::size_t> slot = std::nullopt);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// `onChange` is called on the loop's thread, soon after the account was changed by any process of this
  /// host, once for a burst of changes. It may do anything except destroy the Watcher.
  [[nodiscard]] Interest watch(View account, std::function<void()> onChange);

  /// For the Notifier of this process; never null.
  [[nodiscard]] const std::shared_ptr<const Area>& area() const { return area_; }
  /// False: no slot, or master is gone; every callback then comes every kPoll, changed or not.
  [[nodiscard]] bool hears() const { return !polling_; }

  /// Takes what is in the bitmap although nobody has woken this worker: the frame calls it with each
  /// heartbeat, in case a committer was killed before it could wake us. A microsecond, no system call.
  void look();
  /// From now on polls as well: master is gone, and those who will ask its successor for the area get another
  /// one.
  void poll();
  /// Open interests, for the state dump and tests.
  [[nodiscard]] std::size_t watched() const { return watched_; }

 private:
  friend class Interest;
  using Entries = std::vector<std::shared_ptr<Interest::Entry>>;

  void onWake();
  void onPoll();
  void call(const Entries& entries);
  void forget(const Interest::Entry& entry);

  net::Loop& loop_;
  std::shared_ptr<const Area> area_;
  std::optional<std::size_t> slot_;
  std::unordered_map<std::uint32_t, Entries> buckets_;
  std::size_t watched_ = 0;
  bool polling_ = false;
  std::vector<std::uint32_t> dirty_;  // kept for its memory
  std::unique_ptr<net::Watch> wake_;
  net::Timer poll_;
};

}  // namespace posthorn::events
