// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/search_keys.h"

#include <algorithm>
#include <utility>

namespace posthorn::mshttpd::backend {

using imap::SearchKey;

imap::SequenceSet setOfUids(std::span<const std::uint32_t> uids) {
  std::vector<std::uint32_t> sorted(uids.begin(), uids.end());
  std::sort(sorted.begin(), sorted.end());
  imap::SequenceSet set;
  for (const std::uint32_t uid : sorted) {
    if (!set.ranges.empty() && uid <= set.ranges.back().last + 1)
      set.ranges.back().last = uid;
    else
      set.ranges.push_back({uid, uid});
  }
  return set;
}

SearchKey everything() {
  return {};
}

SearchKey nothing() {
  return notThat(everything());
}

SearchKey notThat(SearchKey key) {
  SearchKey out;
  out.kind = SearchKey::Kind::Not;
  out.children.push_back(std::move(key));
  return out;
}

SearchKey allOf(std::vector<SearchKey> keys) {
  if (keys.empty()) return everything();
  if (keys.size() == 1) return std::move(keys.front());
  SearchKey out;
  out.kind = SearchKey::Kind::And;
  out.children = std::move(keys);
  return out;
}

SearchKey anyOf(std::vector<SearchKey> keys) {
  if (keys.empty()) return nothing();
  // OR takes two: pairs of pairs keep the tree low.
  while (keys.size() > 1) {
    std::vector<SearchKey> pairs;
    for (std::size_t i = 0; i < keys.size(); i += 2) {
      if (i + 1 == keys.size()) {
        pairs.push_back(std::move(keys[i]));
        break;
      }
      SearchKey pair;
      pair.kind = SearchKey::Kind::Or;
      pair.children.push_back(std::move(keys[i]));
      pair.children.push_back(std::move(keys[i + 1]));
      pairs.push_back(std::move(pair));
    }
    keys = std::move(pairs);
  }
  return std::move(keys.front());
}

bool isConstant(const SearchKey& key, bool value) {
  if (value) return key.kind == SearchKey::Kind::All;
  return key.kind == SearchKey::Kind::Not && key.children.front().kind == SearchKey::Kind::All;
}

}  // namespace posthorn::mshttpd::backend
