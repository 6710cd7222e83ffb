// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "common/base/ids.h"
#include "common/store/hash_index.h"
#include "common/store/ops.h"

namespace posthorn::store {

namespace {

// A thread takes no more messages than this; what follows begins a new one. Bounds the cost of a list that
// some program feeds with the same In-Reply-To for years.
constexpr std::uint64_t kMaxThread = 1000;
// So many ids of a message are remembered: its own, its nearest parents.
constexpr std::size_t kRememberedParents = 8;
// A bucket with so many pairs takes no more ids. By chance none comes near it; who knows how ids are hashed
// could choose them so that one bucket would grow until no commit could write it.
constexpr std::size_t kMaxBucket = 200;

std::uint64_t randomNumber() {
  std::uint64_t number = 0;
  while (number == 0) randomBytes(&number, sizeof number);
  return number;
}

/// What the index is asked for. An account that has ids from before there were secrets goes on without one,
/// so that replies find their threads.
std::uint64_t keyed(const UserRecord& user, std::uint64_t id) {
  return user.idSecret == 0 ? id : mix(mix(id ^ user.idSecret) ^ std::rotl(user.idSecret, 32));
}

/// The thread that one of the ids belongs to and that has room; 0 when there is none.
Result<std::uint64_t> knownThread(Edit& edit, UserRecord& user, const std::vector<std::uint64_t>& ids) {
  for (const auto id : ids) {
    PH_TRY(const auto thread, kMessageIds.find(edit, user.messageIds, id));
    if (!thread) continue;
    PH_TRY(const auto size, kThreads.count(edit, user.threads, *thread));
    if (size < kMaxThread) return *thread;
  }
  return std::uint64_t{0};
}

/// Before the index grows it forgets, bucket by bucket, ids of threads that have no message any more.
Status remember(Edit& edit, UserRecord& user, std::uint64_t id, std::uint64_t thread) {
  PH_TRY(const auto known, kMessageIds.find(edit, user.messageIds, id));
  if (known) {
    PH_TRY(const auto size, kThreads.count(edit, user.threads, *known));
    if (size < kMaxThread && size > 0) return {};
  }
  PH_TRY(const auto neighbours, kMessageIds.neighbours(edit, user.messageIds, id));
  if (!known && neighbours >= kMaxBucket) return {};
  if (HashIndex::crowded(user.messageIds))
    PH_CHECK(kMessageIds.sweep(edit, user.messageIds, [&](std::uint64_t other) -> Result<bool> {
      if (other == thread) return true;
      PH_TRY(const auto size, kThreads.count(edit, user.threads, other));
      return size > 0;
    }));
  return kMessageIds.put(edit, user.messageIds, id, thread);
}

/// What the ids say is a hint: a damaged bucket costs the thread, not the message.
bool harmless(const Error& error) {
  return error.code == Errc::Corrupt || error.code == Errc::TooBig;
}

}  // namespace

Result<std::uint64_t> assignThread(Edit& edit, UserRecord& user, const MessageIds& ids) {
  if (user.idSecret == 0 && user.messageIds.entries == 0) user.idSecret = randomNumber();
  std::vector<std::uint64_t> all;
  if (ids.own != 0) all.push_back(keyed(user, ids.own));
  for (const auto parent : ids.parents) all.push_back(keyed(user, parent));
  const auto known = knownThread(edit, user, all);
  if (!known.ok() && !harmless(known.error())) return known.error();
  std::uint64_t thread = known.ok() ? known.value() : 0;
  if (thread == 0) thread = randomNumber();
  all.resize(std::min(all.size(), kRememberedParents + 1));
  for (const auto id : all) {
    const Status kept = remember(edit, user, id, thread);
    if (!kept.ok() && !harmless(kept.error())) return kept.error();
  }
  return thread;
}

}  // namespace posthorn::store
