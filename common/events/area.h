// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/events/layout.h"

namespace posthorn::events {

/// The event area of an instance, mapped into this process, with the eventfds of its slots.
///
/// master makes it once, with all 64 eventfds, and hands the whole set to every worker that listens or
/// commits and to every tool that asks: a slot is only assigned later, so that a committer reaches workers
/// that were started long after it, without being told of them. That is 65 descriptors in a process. The
/// alternatives cost more: named FIFOs are files with modes and leftovers, a futex in the area needs a thread
/// that sleeps in it, sockets lose under load, a signal to a pid may hit a stranger.
///
/// Everybody here runs as server.user and is trusted with all of it. Thread-safe; never fails after it was
/// made.
class Area {
 public:
  /// A new area; `secret` keys the hashes. `slots` eventfds are made (kSlots, except for a process alone).
  static Result<std::shared_ptr<Area>> create(std::array<std::uint64_t, 2> secret,
                                              std::size_t slots = kSlots);
  /// Takes over what master handed: the area's memfd (closed afterwards) and the eventfds of slots 0, 1, ...
  /// Unsupported when it is no area of this layout or the number of eventfds is not kSlots.
  static Result<std::shared_ptr<Area>> attach(UniqueFd memory, std::vector<UniqueFd> wakes);
  /// An area of this process alone with slot 0 only: workers without master, tests. Throws when there is no
  /// memory or descriptor left.
  static std::shared_ptr<Area> privateToProcess();

  Area(AreaLayout* memory, UniqueFd fd, std::vector<UniqueFd> wakes)
      : memory_(memory), fd_(std::move(fd)), wakes_(std::move(wakes)) {}
  ~Area();
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;

  [[nodiscard]] std::uint32_t bucketOf(View account) const;
  /// Of the scoreboard's hash of an account.
  [[nodiscard]] static std::uint32_t bucketOfHash(std::uint64_t hash) { return hash % kBuckets; }

  /// Committers: an account of `bucket` was changed, durably. Wakes the workers with interest in it.
  void announce(std::uint32_t bucket) const;

  // A slot's own worker.
  void addInterest(std::size_t slot, std::uint32_t bucket) const;
  void dropInterest(std::size_t slot, std::uint32_t bucket) const;
  /// Empties the slot's bitmap into `buckets` (appended, ascending).
  void takeDirty(std::size_t slot, std::vector<std::uint32_t>& buckets) const;
  [[nodiscard]] int wakeFd(std::size_t slot) const { return wakes_[slot].get(); }

  // Rich events (publisher.h).
  /// enpd: from now on these types are wanted.
  void want(std::uint64_t types) const;
  /// One load.
  [[nodiscard]] std::uint64_t wanted() const noexcept;

  // master.
  /// Nothing that the slot's last worker left counts any more: its interest, its dirty bits, its wake-ups.
  void resetSlot(std::size_t slot) const;
  [[nodiscard]] int memoryFd() const { return fd_.get(); }  ///< -1 unless made by create()
  [[nodiscard]] std::size_t slots() const { return wakes_.size(); }
  /// Everything that a process needs for attach(), in the order of handing: the memfd, then the eventfds.
  [[nodiscard]] std::vector<int> descriptors() const;

  /// For tests: which slots listen.
  [[nodiscard]] std::uint64_t interest(std::uint32_t bucket) const;

 private:
  AreaLayout* memory_;
  UniqueFd fd_;
  std::vector<UniqueFd> wakes_;
};

/// Which slots of an area are taken; master's. One thread.
class SlotPool {
 public:
  explicit SlotPool(std::shared_ptr<const Area> area) : area_(std::move(area)) {}

  /// A fresh slot. Nothing when all are taken: that worker then polls.
  std::optional<std::size_t> claim();
  /// After the slot's worker was reaped.
  void release(std::size_t slot);

 private:
  std::shared_ptr<const Area> area_;
  std::uint64_t taken_ = 0;
};

}  // namespace posthorn::events
