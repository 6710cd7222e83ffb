// SPDX-License-Identifier: Apache-2.0
#include "common/net/refusal_log.h"

#include <algorithm>
#include <utility>

namespace posthorn::net {

static std::array<std::uint8_t, 16> keyOf(const Address& client) {
  auto raw = client.raw();
  if (!client.isV4()) std::fill(raw.begin() + 8, raw.end(), std::uint8_t{0});
  return raw;
}

void RefusalLog::forgetOld(Steady now) {
  for (auto record = records_.begin(); record != records_.end();) {
    if (now < record->second.quietUntil) {
      ++record;
      continue;
    }
    untold_ += record->second.untold;
    record = records_.erase(record);
  }
}

std::optional<std::size_t> RefusalLog::note(const Address& client) {
  const Steady now = clock_.steady();
  const auto key = keyOf(client);
  auto record = records_.find(key);
  if (record == records_.end()) {
    if (records_.size() >= kMaxAddresses) forgetOld(now);
    if (records_.size() >= kMaxAddresses) {
      ++untold_;
      return std::nullopt;
    }
    records_.emplace(key, Record{now + kQuiet});
    return std::exchange(untold_, 0);
  }
  if (now < record->second.quietUntil) {
    ++record->second.untold;
    return std::nullopt;
  }
  record->second.quietUntil = now + kQuiet;
  return std::exchange(record->second.untold, 0);
}

}  // namespace posthorn::net
