// SPDX-License-Identifier: Apache-2.0
#include "common/store/memory/table.h"

namespace posthorn::store::memory {

template <typename Map>
static auto endOf(const Map& map, View to) {
  return to.empty() ? map.end() : map.lower_bound(to);
}

void scanMerged(const Rows& rows, const Changes& changes, View from, View to,
                const std::function<bool(View, View)>& row) {
  if (!to.empty() && to <= from) return;
  auto old = rows.lower_bound(from);
  const auto oldEnd = endOf(rows, to);
  auto change = changes.lower_bound(from);
  const auto changeEnd = endOf(changes, to);
  while (old != oldEnd || change != changeEnd) {
    const bool takeChange = change != changeEnd && (old == oldEnd || change->first <= old->first);
    if (!takeChange) {
      if (!row(old->first, old->second)) return;
      ++old;
      continue;
    }
    if (old != oldEnd && old->first == change->first) ++old;
    if (change->second && !row(change->first, *change->second)) return;
    ++change;
  }
}

}  // namespace posthorn::store::memory
