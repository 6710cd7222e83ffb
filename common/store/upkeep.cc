// SPDX-License-Identifier: Apache-2.0
// Housekeeping of the accounts that this process has used: what keeps their logs from growing for ever.
#include "common/store/store.h"

namespace posthorn::store {

namespace {

// More accounts than this between two runs wait for their next use.
constexpr std::size_t kMostUsed = 4096;

}  // namespace

void Store::noteUse(View partition, View id) {
  used_.with([&](auto& used) {
    if (used.size() < kMostUsed) used.emplace(std::string(partition), std::string(id));
  });
}

Status Store::upkeep(std::chrono::microseconds most) {
  const auto used = used_.with([](auto& all) { return std::exchange(all, {}); });
  const Steady deadline = clock_.steady() + most;
  Status first;
  for (const auto& [partition, id] : used) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - clock_.steady());
    if (left.count() <= 0) {
      noteUse(partition, id);
      continue;
    }
    const auto engine = this->engine(partition);
    if (!engine.ok()) continue;  // that partition is out of reach; the others are kept all the same
    const auto domain = (*engine)->open(id, Engine::Create::No);
    if (!domain.ok()) continue;  // removed meanwhile
    const Status kept = (*domain)->maintain(static_cast<std::uint64_t>(left.count()));
    if (!kept.ok() && first.ok()) first = makeError(kept.error().code, id + ": " + kept.error().text);
  }
  engines_.with([](auto& engines) {
    for (const auto& [name, engine] : engines) engine->closeIdle();
  });
  return first;
}

}  // namespace posthorn::store
