// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/shared.h"

#include <algorithm>

namespace posthorn::deliver::lmtp {
namespace {

// The store counts the fields that delivery adds, too: they are bounded by the longest path, three times.
constexpr std::uint64_t kTraceRoom = 4096;

std::uint64_t sizeOf(const config::Snapshot& config) {
  const auto most = static_cast<std::uint64_t>(config.get<"store.maxmessagesize">());
  const std::uint64_t room = most - std::min(kTraceRoom, most / 2);
  const auto own = static_cast<std::uint64_t>(config.get<"lmtp.maxmessagesize">());
  return own == 0 ? room : std::min(own, room);
}

}  // namespace

Limits Limits::from(const config::Snapshot& config) {
  Limits limits;
  limits.size = sizeOf(config);
  limits.recipients = static_cast<std::size_t>(config.get<"lmtp.maxrecipients">());
  limits.parallel = static_cast<std::size_t>(config.get<"lmtp.maxparallel">());
  limits.hops = static_cast<unsigned>(config.get<"lmtp.maxhops">());
  limits.checkDeliveredTo = config.get<"lmtp.checkdeliveredto">();
  for (const std::string& client : config.get<"lmtp.clients">())
    if (const auto network = config::parseNetwork(client)) limits.clients.push_back(*network);
  const auto path = config.partitionPath(config.get<"store.defaultpartition">());
  if (path.ok()) limits.folders.push_back(*path);
  limits.folders.push_back(config.get<"server.directory">());
  limits.wishes.detail = config.get<"lmtp.subaddressing">();
  return limits;
}

}  // namespace posthorn::deliver::lmtp
