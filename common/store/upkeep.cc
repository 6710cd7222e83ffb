// SPDX-License-Identifier: Apache-2.0
// Housekeeping: what keeps the logs of accounts from growing for ever.
#include "common/store/messages.h"
#include "common/store/store.h"

namespace posthorn::store {

namespace {

/// What one account needs. Maintenance comes also after a burial that failed: it may make the room for it.
Status keep(AccountHandle& account, std::chrono::microseconds most) {
  const auto buried = account.finishRemovals();
  const Status kept = account.domain().maintain(static_cast<std::uint64_t>(most.count()));
  return buried.ok() ? kept : Status(buried.error());
}

}  // namespace

Status Store::upkeep(const AccountRequest& request, std::chrono::microseconds most) {
  PH_TRY(AccountHandle account, handle(request, Engine::Create::No));
  return keep(account, most);
}

Status Store::upkeep(std::chrono::microseconds most) {
  const auto used = uses_->take();
  const Steady deadline = clock_.steady() + most;
  Status first;
  for (const auto& [partition, id] : used) {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - clock_.steady());
    if (left.count() <= 0) {
      uses_->note(partition, id);
      continue;
    }
    const Status kept = upkeep({id, partition, {}}, left);
    if (kept.ok() || kept.error().code == Errc::NotFound) continue;  // NotFound: removed meanwhile
    log::write(messages::kUpkeepFailed, {{"user", id}, {"error", kept.error().describe()}});
    if (first.ok()) first = kept;
  }
  places_.with([](auto& places) {
    for (const auto& [name, place] : places)
      if (place.engine) place.engine->closeIdle();
  });
  return first;
}

}  // namespace posthorn::store
