// SPDX-License-Identifier: Apache-2.0
#include "common/store/gone.h"

#include <algorithm>

#include "common/store/fields.h"
#include "common/store/records.h"
#include "common/store/schema.h"

namespace posthorn::store {

namespace {

// When there are more than this, the older ones go until kFewGone are left.
constexpr std::uint32_t kManyGone = 40'000;
constexpr std::uint32_t kFewGone = 20'000;
// Messages of one row: a value has its bound.
constexpr std::size_t kPerRow = 1000;

Bytes encode(const std::pair<Uid, Gone>* first, std::size_t count) {
  Bytes out;
  out.reserve(count * kGoneSize);
  for (std::size_t i = 0; i < count; ++i) {
    const Gone& gone = first[i].second;
    out.append(gone.emailId.view());
    putLe(out, gone.threadId);
    putLe(out, gone.since);
    putLe(out, gone.until);
  }
  return out;
}

Status forget(Batch& batch, UserRecord& user) {
  Modseq floor = 0;
  std::uint32_t left = user.goneCount;
  PH_CHECK(batch.scan(key::of('D'), key::after(key::of('D')), [&](View at, View value) {
    const auto modseq = getBe<std::uint64_t>(at, 1);
    // What one commit did stands or goes as a whole.
    if (left <= kFewGone && modseq != floor) return false;
    floor = modseq;
    left -= std::min(left, static_cast<std::uint32_t>(value.size() / kGoneSize));
    return true;
  }));
  user.goneCount = left;
  user.goneFloor = std::max(user.goneFloor, floor);
  return batch.eraseRange(key::of('D'), key::of('D', floor + 1));
}

}  // namespace

void GoneRows::add(MailboxNo mailbox, Modseq removed, Uid uid, const Gone& gone) {
  rows_[{mailbox, removed}].emplace_back(uid, gone);
}

Status GoneRows::flush(Batch& batch, UserRecord& user) {
  for (const auto& [at, all] : rows_) {
    const Modseq modseq = at.second == 0 ? user.modseq : at.second;
    if (modseq <= user.goneFloor) continue;
    for (std::size_t from = 0; from < all.size(); from += kPerRow) {
      const std::size_t count = std::min(kPerRow, all.size() - from);
      PH_CHECK(batch.put(key::gone(modseq, at.first, all[from].first), encode(&all[from], count)));
      user.goneCount += static_cast<std::uint32_t>(count);
    }
  }
  rows_.clear();
  return user.goneCount > kManyGone ? forget(batch, user) : Status();
}

Status decodeGone(View value, std::vector<Gone>* out) {
  if (value.empty() || value.size() % kGoneSize != 0)
    return makeError(Errc::Corrupt, "store: what left a mailbox cannot be read");
  FieldReader in(value);
  while (!in.atEnd()) {
    Gone gone;
    gone.emailId = in.id();
    gone.threadId = in.get<std::uint64_t>();
    gone.since = in.get<std::uint64_t>();
    gone.until = in.get<std::uint64_t>();
    out->push_back(gone);
  }
  return {};
}

Status eachGone(Snapshot& from, Modseq since,
                const std::function<bool(MailboxNo mailbox, Modseq modseq, const Gone& gone)>& row) {
  Status broken;
  std::vector<Gone> found;
  PH_CHECK(from.scan(key::of('D', since + 1), key::after(key::of('D')), [&](View at, View value) {
    found.clear();
    broken = at.size() == 17 ? decodeGone(value, &found) : makeError(Errc::Corrupt, "store: a bad key of D");
    for (const Gone& gone : found)
      if (!row(getBe<std::uint32_t>(at, 9), getBe<std::uint64_t>(at, 1), gone)) return false;
    return broken.ok();
  }));
  return broken;
}

}  // namespace posthorn::store
