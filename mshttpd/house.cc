// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/house.h"

#include "common/events/event.h"
#include "mshttpd/messages.h"

namespace posthorn::mshttpd {
namespace {

constexpr std::size_t kMostAtOnce = 1000;

void tellTimeout(const events::Notifier* notifier, const login::WebSession& session) {
  if (notifier == nullptr || notifier->wanted(events::maskOf(events::EventType::Logout)) == 0) return;
  events::Event event;
  event.type = events::EventType::Logout;
  event.owner = session.user;
  if (session.by != session.user) event.admin = session.by;
  event.clientAddress = session.address.text();
  event.disconnect = "timeout";
  event.seconds = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(session.used - session.began).count());
  notifier->publish(std::move(event));
}

}  // namespace

Status keepHouse(login::WebSessions& sessions, UploadSpool& uploads, backend::Backends& hosts,
                 const events::Notifier* notifier) {
  const auto over = sessions.collect(kMostAtOnce);
  if (over.ok()) {
    for (const login::WebSession& session : *over) tellTimeout(notifier, session);
  } else {
    log::write(messages::kSessionsFailed, {{"error", over.error().describe()}});
  }
  const auto gone = uploads.collect();
  if (!gone.ok()) log::write(messages::kSpoolFailed, {{"error", gone.error().describe()}});
  hosts.sweep();
  return okStatus();
}

}  // namespace posthorn::mshttpd
