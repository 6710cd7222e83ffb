// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

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

std::uint64_t newThread() {
  std::uint64_t id = 0;
  while (id == 0) randomBytes(&id, sizeof id);
  return id;
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
  if (HashIndex::crowded(user.messageIds))
    PH_CHECK(kMessageIds.sweep(edit, user.messageIds, [&](std::uint64_t other) -> Result<bool> {
      if (other == thread) return true;
      PH_TRY(const auto size, kThreads.count(edit, user.threads, other));
      return size > 0;
    }));
  return kMessageIds.put(edit, user.messageIds, id, thread);
}

}  // namespace

Result<std::uint64_t> assignThread(Edit& edit, UserRecord& user, const MessageIds& ids) {
  std::vector<std::uint64_t> all;
  if (ids.own != 0) all.push_back(ids.own);
  all.insert(all.end(), ids.parents.begin(), ids.parents.end());
  PH_TRY(std::uint64_t thread, knownThread(edit, user, all));
  if (thread == 0) thread = newThread();
  all.resize(std::min(all.size(), kRememberedParents + 1));
  for (const auto id : all) PH_CHECK(remember(edit, user, id, thread));
  return thread;
}

}  // namespace posthorn::store
