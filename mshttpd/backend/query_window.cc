// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/query_window.h"

#include <algorithm>

namespace posthorn::mshttpd::backend {

Result<Found> windowOf(std::span<const Id> all, const imap::jmap::QueryArgs& query) {
  const auto size = static_cast<std::int64_t>(all.size());
  std::int64_t at = query.position;
  if (query.anchor) {
    const auto anchor = std::find(all.begin(), all.end(), *query.anchor);
    if (anchor == all.end()) return makeError(Errc::NotFound, "the anchor is not in the result");
    const std::int64_t offset = std::clamp(query.anchorOffset, -size, size);
    at = std::max<std::int64_t>(0, anchor - all.begin() + offset);
  } else if (at < 0) {
    at = std::max<std::int64_t>(0, size + std::max(at, -size));
  }
  Found found;
  found.position = static_cast<std::uint64_t>(at);
  if (query.total) found.total = all.size();
  if (at < size) {
    const auto rest = all.subspan(static_cast<std::size_t>(at));
    const auto part = rest.first(std::min<std::size_t>(rest.size(), query.limit.value_or(UINT32_MAX)));
    found.ids.assign(part.begin(), part.end());
  }
  return found;
}

}  // namespace posthorn::mshttpd::backend
