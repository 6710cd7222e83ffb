// SPDX-License-Identifier: Apache-2.0
#pragma once

// The control socket of an instance: tools send one request, a JSON object on one line, and get one answer, a
// JSON object on one line, when master has done it. Who may: root and server.user, by SO_PEERCRED.
//
//   {"command": "start" | "stop" | "restart" | "refresh" | "status" | "release",
//    "services": ["pop"], "drain": true, "force": true, "accounts": ["anna"]}
//   {"ok": true, "messages": ["pop: 2 workers serve"], "status": {...}}      or {"ok": false, "messages":
//   [...]}

#include <chrono>
#include <string>

#include "common/base/result.h"
#include "common/config/snapshot.h"

namespace posthorn::proc {

inline constexpr std::size_t kMaxControlRequest = 65536;
inline constexpr std::size_t kMaxControlAnswer = 16U << 20;

/// Under server.rundir.
std::string controlSocketPath(const config::Snapshot& config);
std::string pidFilePath(const config::Snapshot& config);

/// Sends `request` (one line without its end) and returns the answer's line. Blocks until master closes the
/// connection, which after a whole stop is when it has ended. NotFound when no master listens there, Denied
/// when this user may not ask, Timeout.
Result<std::string> askMaster(const std::string& socketPath, const std::string& request,
                              std::chrono::seconds most);

}  // namespace posthorn::proc
