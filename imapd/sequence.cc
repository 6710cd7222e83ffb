// SPDX-License-Identifier: Apache-2.0
#include "imapd/sequence.h"

#include <algorithm>

#include "common/base/assert.h"

namespace posthorn::imapd {

Sequence::Sequence(const std::vector<store::UidRange>& ranges) {
  runs_.reserve(ranges.size());
  for (const auto& range : ranges) add(range.first, range.last);
}

void Sequence::add(store::Uid first, store::Uid last) {
  if (!runs_.empty() && runs_.back().last + 1 == first) {
    runs_.back().last = last;
  } else {
    runs_.push_back({first, last, count()});
  }
}

std::uint32_t Sequence::count() const {
  return runs_.empty() ? 0 : runs_.back().before + (runs_.back().last - runs_.back().first + 1);
}

store::Uid Sequence::uid(std::uint32_t number) const {
  PH_ASSERT(number >= 1 && number <= count());
  const auto behind = std::upper_bound(runs_.begin(), runs_.end(), number - 1,
                                       [](std::uint32_t n, const Run& run) { return n < run.before; });
  const Run& run = *(behind - 1);
  return run.first + (number - 1 - run.before);
}

std::uint32_t Sequence::number(store::Uid uid) const {
  const auto at = std::lower_bound(runs_.begin(), runs_.end(), uid,
                                   [](const Run& run, store::Uid u) { return run.last < u; });
  if (at == runs_.end() || uid < at->first) return 0;
  return at->before + (uid - at->first) + 1;
}

std::uint32_t Sequence::countAbove(store::Uid uid) const {
  std::uint32_t count = 0;
  for (const Run& run : runs_)
    if (run.last > uid) count += run.last - std::max(run.first - 1, uid);
  return count;
}

void Sequence::append(store::Uid uid) {
  PH_ASSERT(uid > last());
  add(uid, uid);
}

std::vector<std::uint32_t> Sequence::remove(const std::vector<store::Uid>& gone) {
  std::vector<std::uint32_t> numbers;
  std::vector<store::Uid> known;
  for (const store::Uid uid : gone) {
    const std::uint32_t at = number(uid);
    if (at == 0 || (!known.empty() && known.back() == uid)) continue;
    numbers.push_back(at - static_cast<std::uint32_t>(numbers.size()));
    known.push_back(uid);
  }
  if (known.empty()) return numbers;
  const std::vector<Run> old = std::exchange(runs_, {});
  auto next = known.begin();
  for (const Run& run : old) {
    store::Uid from = run.first;
    for (; next != known.end() && *next <= run.last; ++next) {
      if (*next > from) add(from, *next - 1);
      from = *next + 1;
    }
    if (from <= run.last && from >= run.first) add(from, run.last);
  }
  return numbers;
}

store::UidSet Sequence::uids(const std::vector<imap::SequenceRange>& numbers) const {
  std::vector<store::UidRange> ranges;
  const std::uint32_t all = count();
  for (const auto& wanted : numbers) {
    if (wanted.first < 1 || wanted.first > all) continue;
    std::uint32_t from = wanted.first;
    const std::uint32_t to = std::min(wanted.last, all);
    auto run = std::upper_bound(runs_.begin(), runs_.end(), from - 1,
                                [](std::uint32_t n, const Run& r) { return n < r.before; }) -
               1;
    for (; from <= to; ++run) {
      const store::Uid first = run->first + (from - 1 - run->before);
      const store::Uid last = std::min(run->last, first + (to - from));
      ranges.push_back({first, last});
      from += last - first + 1;
    }
  }
  return store::UidSet::of(std::move(ranges));
}

std::vector<store::UidRange> Sequence::ranges() const {
  std::vector<store::UidRange> ranges;
  ranges.reserve(runs_.size());
  for (const Run& run : runs_) ranges.push_back({run.first, run.last});
  return ranges;
}

}  // namespace posthorn::imapd
