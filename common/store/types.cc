// SPDX-License-Identifier: Apache-2.0
#include "common/store/types.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/ascii.h"
#include "common/store/schema.h"

namespace posthorn::store {

namespace {

constexpr std::array<std::pair<View, SpecialUse>, 8> kUses{{{"\\All", kUseAll},
                                                            {"\\Archive", kUseArchive},
                                                            {"\\Drafts", kUseDrafts},
                                                            {"\\Flagged", kUseFlagged},
                                                            {"\\Junk", kUseJunk},
                                                            {"\\Sent", kUseSent},
                                                            {"\\Trash", kUseTrash},
                                                            {"\\Important", kUseImportant}}};

constexpr std::array<std::pair<View, SystemFlags>, 5> kFlags{{{"\\Seen", kSeen},
                                                              {"\\Answered", kAnswered},
                                                              {"\\Flagged", kFlagged},
                                                              {"\\Deleted", kDeleted},
                                                              {"\\Draft", kDraft}}};

template <typename Table>
auto bitOf(const Table& table, View text) -> std::optional<decltype(table[0].second + 0)> {
  for (const auto& [name, bit] : table)
    if (ascii::equal(name, text)) return bit;
  return std::nullopt;
}

template <typename Table, typename Bits>
std::vector<View> spell(const Table& table, Bits bits) {
  std::vector<View> names;
  for (const auto& [name, bit] : table)
    if ((bits & bit) != 0) names.push_back(name);
  return names;
}

}  // namespace

std::optional<SpecialUse> parseSpecialUse(View text) {
  return bitOf(kUses, text);
}

std::vector<View> spellSpecialUse(SpecialUse use) {
  return spell(kUses, use);
}

std::optional<SystemFlags> parseSystemFlag(View text) {
  const auto bit = bitOf(kFlags, text);
  if (!bit) return std::nullopt;
  return static_cast<SystemFlags>(*bit);
}

std::vector<View> spellSystemFlags(SystemFlags flags) {
  return spell(kFlags, flags);
}

UidSet UidSet::of(std::vector<UidRange> ranges) {
  for (UidRange& range : ranges)
    if (range.first > range.last) std::swap(range.first, range.last);
  std::sort(ranges.begin(), ranges.end());
  UidSet set;
  for (const UidRange& range : ranges) {
    const bool touches = !set.ranges_.empty() && range.first <= std::uint64_t{set.ranges_.back().last} + 1;
    if (touches)
      set.ranges_.back().last = std::max(set.ranges_.back().last, range.last);
    else
      set.ranges_.push_back(range);
  }
  return set;
}

UidSet UidSet::of(const std::vector<Uid>& uids) {
  std::vector<UidRange> ranges;
  ranges.reserve(uids.size());
  for (const Uid uid : uids) {
    if (!ranges.empty() && std::uint64_t{ranges.back().last} + 1 == uid)
      ranges.back().last = uid;
    else
      ranges.push_back({uid, uid});
  }
  return of(std::move(ranges));
}

bool UidSet::contains(Uid uid) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), uid,
                                      [](Uid value, const UidRange& range) { return value < range.first; });
  return after != ranges_.begin() && std::prev(after)->last >= uid;
}

std::size_t UidSet::count() const {
  std::size_t count = 0;
  for (const UidRange& range : ranges_) count += std::size_t{range.last} - range.first + 1;
  return count;
}

std::uint64_t UidSet::bitsOfBlock(std::uint32_t block) const {
  const std::uint64_t first = std::uint64_t{block} << kHotShift;
  const std::uint64_t last = first + kHotUids - 1;
  auto range =
      std::lower_bound(ranges_.begin(), ranges_.end(), first,
                       [](const UidRange& entry, std::uint64_t value) { return entry.last < value; });
  std::uint64_t bits = 0;
  for (; range != ranges_.end() && range->first <= last; ++range) {
    const std::uint64_t from = std::max<std::uint64_t>(range->first, first) - first;
    const std::uint64_t to = std::min<std::uint64_t>(range->last, last) - first;
    bits |= (~std::uint64_t{0} >> (63 - (to - from))) << from;
  }
  return bits;
}

}  // namespace posthorn::store
