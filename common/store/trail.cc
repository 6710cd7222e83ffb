// SPDX-License-Identifier: Apache-2.0
#include "common/store/trail.h"

#include "common/store/hash_index.h"

namespace posthorn::store {

std::size_t Trail::placeOf(std::uint64_t account, const Id128& mailbox, Modseq after) {
  return mix(account ^ getLe<std::uint64_t>(mailbox.view(), 0) ^ after) % kPlaces;
}

void Trail::note(View account, const Step& step) {
  // The mailbox's id is unique but for copies of whole accounts: the account's name tells these apart.
  const std::uint64_t name = stableHash(account);
  places_.with([&](Places& places) { places.at(placeOf(name, step.mailbox, step.after)) = {name, step}; });
}

std::optional<BlockRange> Trail::between(View account, const Id128& mailbox, Modseq since, Modseq now) const {
  const std::uint64_t name = stableHash(account);
  return places_.with([&](const Places& places) -> std::optional<BlockRange> {
    BlockRange all;
    for (unsigned steps = 0; now > since; ++steps) {
      const Place& place = places.at(placeOf(name, mailbox, now));
      const bool found = place.account == name && place.step.mailbox == mailbox && place.step.after == now;
      if (!found || steps == kMostSteps) return std::nullopt;
      all.add(place.step.blocks);
      now = place.step.before;
    }
    return all;
  });
}

}  // namespace posthorn::store
