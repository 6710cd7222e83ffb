// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace posthorn::imap {

/// `*`: the largest number in use. 0 is never a sequence number or UID.
inline constexpr std::uint32_t kStar = 0;

/// `first:last` as the client wrote it: either end may be the larger one, or kStar.
struct SequenceRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool operator==(const SequenceRange&) const = default;
};

/// sequence-set (RFC 9051 §9): sequence numbers or UIDs, by the command. `saved` is `$`, the result of the
/// last SEARCH (RFC 5182); the ranges are empty then, and never otherwise once parsed.
struct SequenceSet {
  std::vector<SequenceRange> ranges;
  bool saved = false;
  bool operator==(const SequenceSet&) const = default;
};

/// The ranges with `*` as `largest`, first <= last, sorted, and neither touching nor overlapping: ready for a
/// walk. `largest` 0 stands for an empty mailbox, in which `*` is nothing. Numbers over `largest` stay: what
/// they mean depends on the command. Knows nothing of `$`.
std::vector<SequenceRange> resolved(const SequenceSet& set, std::uint32_t largest);

/// The largest number that is named without `*`; 0 when there is none. With sequence numbers, one over the
/// mailbox's count makes the command BAD.
std::uint32_t largestNamed(const SequenceSet& set);
/// Whether `*` occurs.
bool namesStar(const SequenceSet& set);

}  // namespace posthorn::imap
