// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/memory.h"

namespace posthorn::store::objects {

namespace {
// What an entry takes beside its value, about.
constexpr std::size_t kEntry = 256;
}  // namespace

std::shared_ptr<const void> Memory::findAny(const std::string& name) const {
  return kept_.with([&](Kept& kept) -> std::shared_ptr<const void> {
    const auto found = kept.byName.find(name);
    if (found == kept.byName.end()) return nullptr;
    kept.entries.splice(kept.entries.begin(), kept.entries, found->second);
    return found->second->value;
  });
}

void Memory::keepAny(const std::string& name, std::shared_ptr<const void> value, std::size_t octets) const {
  octets += kEntry + 2 * name.size();
  if (octets > kMost / 2) return;
  kept_.with([&](Kept& kept) {
    if (kept.byName.contains(name)) return;
    kept.entries.push_front({name, std::move(value), octets});
    kept.byName.emplace(name, kept.entries.begin());
    kept.octets += octets;
    while (kept.octets > kMost) {
      kept.octets -= kept.entries.back().octets;
      kept.byName.erase(kept.entries.back().name);
      kept.entries.pop_back();
    }
  });
}

}  // namespace posthorn::store::objects
