// SPDX-License-Identifier: Apache-2.0

// Packets of events: what is accepted is written back to a packet that means the same, and can be printed.

#include <nlohmann/json.hpp>

#include "common/events/event.h"
#include "common/events/event_text.h"
#include "test/fuzz/require.h"

using namespace posthorn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto packet = events::decodeEvent(fuzz::text(data, size));
  if (!packet.ok()) return 0;
  const Bytes written = events::encode(*packet);
  fuzz::require(written.size() <= events::kMaxEventPacket, "a packet is within its limit");
  const auto again = events::decodeEvent(written);
  fuzz::require(again.ok() && events::encode(*again) == written, "an event survives the socket");
  const std::string reference = events::eventReference(packet->event, "enp://127.0.0.1/store/%M");
  for (const char c : reference) fuzz::require(c > ' ' && c < 0x7F, "a reference is one word of ASCII");
  const std::string json = events::eventJson(packet->event, "enp://%U/%o/%d");
  fuzz::require(nlohmann::json::accept(json), "the JSON form is JSON");
  fuzz::require(json.find('\n') == std::string::npos, "the JSON form is one line");
  return 0;
}
