// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/sequence_set.h"

#include <algorithm>

namespace posthorn::imap {

std::vector<SequenceRange> resolved(const SequenceSet& set, std::uint32_t largest) {
  std::vector<SequenceRange> all;
  all.reserve(set.ranges.size());
  for (SequenceRange range : set.ranges) {
    // In an empty mailbox `*` is nothing, and so is a range that ends there.
    if (largest == 0 && (range.first == kStar || range.last == kStar)) continue;
    if (range.first == kStar) range.first = largest;
    if (range.last == kStar) range.last = largest;
    if (range.first > range.last) std::swap(range.first, range.last);
    all.push_back(range);
  }
  std::sort(all.begin(), all.end(),
            [](const SequenceRange& a, const SequenceRange& b) { return a.first < b.first; });
  std::vector<SequenceRange> merged;
  for (const SequenceRange& range : all) {
    // first is never 0, so that the difference cannot wrap.
    if (!merged.empty() && range.first - 1 <= merged.back().last) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::uint32_t largestNamed(const SequenceSet& set) {
  std::uint32_t largest = 0;
  for (const SequenceRange& range : set.ranges) largest = std::max({largest, range.first, range.last});
  return largest;
}

bool namesStar(const SequenceSet& set) {
  return std::any_of(set.ranges.begin(), set.ranges.end(),
                     [](const SequenceRange& range) { return range.first == kStar || range.last == kStar; });
}

}  // namespace posthorn::imap
