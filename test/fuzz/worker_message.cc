// SPDX-License-Identifier: Apache-2.0

// Packets between master and a worker: what is accepted is written back to a packet that means the same.

#include "common/proc/message.h"
#include "test/fuzz/require.h"

using namespace posthorn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = proc::decode(fuzz::text(data, size));
  if (!message.ok()) return 0;
  const std::string packet = proc::encode(*message);
  const auto again = proc::decode(packet);
  fuzz::require(again.ok() && proc::encode(*again) == packet, "a message survives the socket");
  return 0;
}
