// SPDX-License-Identifier: Apache-2.0
#include "common/events/session_event.h"

#include <utility>

namespace posthorn::events {

namespace {

Event eventOf(EventType type, const net::Stream& stream, const SessionUser& user) {
  Event event;
  event.type = type;
  event.owner = user.account;
  if (user.by != user.account) event.admin = user.by;
  const net::Endpoint& client = user.client ? *user.client : stream.peer();
  event.clientAddress = client.address.text();
  event.clientPort = client.port;
  event.serverPort = stream.local().port;
  return event;
}

bool wants(const Notifier* notifier, EventType type) {
  return notifier != nullptr && notifier->wanted(maskOf(type)) != 0;
}

}  // namespace

void tellLogin(const Notifier* notifier, const net::Stream& stream, const SessionUser& user, View mechanism) {
  if (!wants(notifier, EventType::Login)) return;
  Event event = eventOf(EventType::Login, stream, user);
  event.mechanism = mechanism;
  notifier->publish(std::move(event));
}

void tellLogout(const Notifier* notifier, const net::Stream& stream, const SessionUser& user, View disconnect,
                std::chrono::seconds lasted) {
  if (!wants(notifier, EventType::Logout)) return;
  Event event = eventOf(EventType::Logout, stream, user);
  event.disconnect = disconnect;
  event.seconds = static_cast<std::uint32_t>(lasted.count());
  notifier->publish(std::move(event));
}

}  // namespace posthorn::events
