// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/locked.h"
#include "common/store/types.h"

namespace posthorn::store {

/// Numbers of hot blocks, both ends belong to it.
struct BlockRange {
  std::uint32_t first = 0xFFFF'FFFFU;
  std::uint32_t last = 0;

  [[nodiscard]] bool empty() const { return first > last; }
  void add(const BlockRange& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
  bool operator==(const BlockRange&) const = default;
};

/// Where the latest commits of this process changed messages, so that who knows all older changes of a
/// mailbox does not read the whole of it to find them. A commit that took a mailbox from one HIGHESTMODSEQ to
/// the next is a step; steps that other processes made are not in it, and what is asked across one has no
/// answer. Takes the same memory always. Any thread.
class Trail {
 public:
  struct Step {
    Id128 mailbox;
    Modseq before = 0;  ///< HIGHESTMODSEQ
    Modseq after = 0;
    BlockRange blocks;  ///< all that it changed, and maybe more
  };
  void note(View account, const Step& step);
  /// The blocks with all that has changed after `since` when HIGHESTMODSEQ is `now`; nothing when unknown.
  [[nodiscard]] std::optional<BlockRange> between(View account, const Id128& mailbox, Modseq since,
                                                  Modseq now) const;

 private:
  struct Place {
    std::uint64_t account = 0;
    Step step;
  };
  static constexpr std::size_t kPlaces = 512;
  static constexpr unsigned kMostSteps = 32;
  using Places = std::array<Place, kPlaces>;

  static std::size_t placeOf(std::uint64_t account, const Id128& mailbox, Modseq after);

  Locked<Places> places_;
};

}  // namespace posthorn::store
