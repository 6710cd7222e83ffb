// SPDX-License-Identifier: Apache-2.0
#include "common/proc/message.h"

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

namespace posthorn::proc {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 10> kKinds = {"launch", "snapshot", "drain",  "stop",    "died",
                                                     "dump",   "ready",    "failed", "applied", "closed"};
constexpr std::size_t kMaxText = 2048;

/// A member as a number within the range of T; 0 when it is missing.
template <typename T>
Result<T> numberIn(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end()) return T{0};
  if (!member->is_number_unsigned() || member->get<std::uint64_t>() > std::numeric_limits<T>::max())
    return makeError(Errc::Invalid, std::string("control message: bad ") + name);
  return member->get<T>();
}

Result<std::string> textIn(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end()) return std::string();
  if (!member->is_string()) return makeError(Errc::Invalid, std::string("control message: bad ") + name);
  return member->get<std::string>();
}

Result<Kind> kindIn(const json& object) {
  PH_TRY(const std::string name, textIn(object, "kind"));
  const auto* const found = std::find(kKinds.begin(), kKinds.end(), name);
  if (found == kKinds.end()) return makeError(Errc::Invalid, "control message: unknown kind");
  return static_cast<Kind>(found - kKinds.begin());
}

Result<std::vector<ListenerInfo>> listenersIn(const json& object) {
  std::vector<ListenerInfo> listeners;
  const auto member = object.find("listeners");
  if (member == object.end()) return listeners;
  if (!member->is_array() || member->size() > kMaxListeners)
    return makeError(Errc::Invalid, "control message: bad listeners");
  for (const json& entry : *member) {
    if (!entry.is_object()) return makeError(Errc::Invalid, "control message: bad listener");
    ListenerInfo info;
    PH_TRY(info.address, textIn(entry, "address"));
    PH_TRY(info.port, numberIn<std::uint16_t>(entry, "port"));
    PH_TRY(const std::uint8_t tls, numberIn<std::uint8_t>(entry, "tls"));
    info.tls = tls != 0;
    listeners.push_back(std::move(info));
  }
  return listeners;
}

}  // namespace

std::string_view toString(Kind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}

std::string encode(const Message& message) {
  json listeners = json::array();
  for (const ListenerInfo& info : message.listeners)
    listeners.push_back({{"address", info.address}, {"port", info.port}, {"tls", info.tls ? 1U : 0U}});
  const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(message.seconds.count(), 0));
  json object = {{"protocol", static_cast<unsigned>(kLinkProtocol)},
                 {"kind", toString(message.kind)},
                 {"service", message.service},
                 {"generation", message.generation},
                 {"slot", message.slot},
                 {"index", message.index},
                 {"pid", message.pid},
                 {"number", message.number},
                 {"seconds", seconds},
                 {"text", message.text.substr(0, kMaxText)},
                 {"listeners", listeners},
                 {"eventwakes", message.eventWakes}};
  if (message.eventSlot) object["eventslot"] = *message.eventSlot;
  if (message.failures) object["failures"] = 1U;
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Message> decode(std::string_view packet) {
  const json object = json::parse(packet, nullptr, false);
  if (!object.is_object()) return makeError(Errc::Invalid, "control message: not an object");
  PH_TRY(const unsigned protocol, numberIn<unsigned>(object, "protocol"));
  if (protocol != kLinkProtocol) return makeError(Errc::Invalid, "control message: another protocol");
  Message message;
  PH_TRY(message.kind, kindIn(object));
  PH_TRY(message.service, textIn(object, "service"));
  PH_TRY(message.generation, numberIn<std::uint64_t>(object, "generation"));
  PH_TRY(message.slot, numberIn<std::uint32_t>(object, "slot"));
  PH_TRY(message.index, numberIn<std::uint32_t>(object, "index"));
  PH_TRY(message.pid, numberIn<std::uint32_t>(object, "pid"));
  PH_TRY(message.number, numberIn<std::uint64_t>(object, "number"));
  PH_TRY(const std::uint32_t seconds, numberIn<std::uint32_t>(object, "seconds"));
  message.seconds = std::chrono::seconds(seconds);
  PH_TRY(message.text, textIn(object, "text"));
  PH_TRY(message.listeners, listenersIn(object));
  PH_TRY(message.eventWakes, numberIn<std::uint32_t>(object, "eventwakes"));
  PH_TRY(const std::uint8_t failures, numberIn<std::uint8_t>(object, "failures"));
  message.failures = failures != 0;
  if (object.contains("eventslot")) {
    PH_TRY(message.eventSlot, numberIn<std::uint32_t>(object, "eventslot"));
  }
  return message;
}

}  // namespace posthorn::proc
