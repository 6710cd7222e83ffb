// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/bytes.h"

namespace posthorn::store {

/// Stable hashes of the message ids that a header names: what THREADIDs are assigned by.
struct MessageIds {
  std::uint64_t own = 0;               ///< of Message-ID; 0 when there is none
  std::vector<std::uint64_t> parents;  ///< of In-Reply-To and References, without repetition, nearest first
};

inline constexpr std::size_t kMaxTappedHeader = std::size_t{64} * 1024;
inline constexpr std::size_t kMaxParents = 32;

/// Finds Message-ID, In-Reply-To and References in a header block with CRLF lines; whatever the block holds.
MessageIds scanMessageIds(View header);

/// Keeps the first kMaxTappedHeader octets of a header that passes by.
class HeaderTap {
 public:
  void feed(View normalised) {
    if (kept_.size() < kMaxTappedHeader) kept_.append(normalised.substr(0, kMaxTappedHeader - kept_.size()));
  }
  /// The kept octets that belong to a header of `headerLength`.
  [[nodiscard]] View header(std::uint64_t headerLength) const {
    return View(kept_).substr(0, static_cast<std::size_t>(headerLength));
  }

 private:
  Bytes kept_;
};

}  // namespace posthorn::store
