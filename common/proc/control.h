// SPDX-License-Identifier: Apache-2.0
#pragma once

// The control socket of an instance: tools send one request, a JSON object on one line, and get one answer, a
// JSON object on one line, when master has done it. Who may: root and server.user, by SO_PEERCRED.
//
//   {"command": "start" | "stop" | "restart" | "refresh" | "status" | "release",
//   | "events" | "settings", "services": ["pop"], "drain": true, "force": true, "accounts": ["anna"]}
//   {"ok": true, "messages": ["pop: 2 workers serve"], "status": {...}}      or {"ok": false, "messages":
//   [...]}
//
// The answer to "events" brings the event area along: its memfd and its eventfds, as SCM_RIGHTS.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "common/base/result.h"
#include "common/config/snapshot.h"
#include "common/events/notifier.h"

namespace posthorn::proc {

inline constexpr std::size_t kMaxControlRequest = 65536;
inline constexpr std::size_t kMaxControlAnswer = 16U << 20;
/// What a tool gives master to hand out the event area.
inline constexpr std::chrono::milliseconds kEventsPatience{200};

/// Under server.rundir.
std::string controlSocketPath(const config::Snapshot& config);
std::string pidFilePath(const config::Snapshot& config);

/// Sends `request` (one line without its end) and returns the answer's line. Blocks until master closes the
/// connection, which after a whole stop is when it has ended. NotFound when no master listens there, Denied
/// when this user may not ask, Timeout.
Result<std::string> askMaster(const std::string& socketPath, const std::string& request,
                              std::chrono::seconds most);

/// The event area of the instance that listens at `socketPath`, for a tool that makes changes; null when
/// there is none in time. Never blocks for longer than `most`, whatever master does.
std::shared_ptr<const events::Area> askForEvents(const std::string& socketPath,
                                                 std::chrono::milliseconds most = kEventsPatience);

/// Tells the instance of `config` of changes: asks its master for the area when there is the first one, once.
std::shared_ptr<const events::Notifier> notifierFor(const config::Snapshot& config);

}  // namespace posthorn::proc
