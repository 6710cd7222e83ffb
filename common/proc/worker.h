// SPDX-License-Identifier: Apache-2.0
#pragma once

// The frame of a worker process. A daemon's main.cc is
//
//   int main(int argc, char** argv) {
//     return posthorn::proc::runWorker(argc, argv, {.service = config::Service::Pop, .start = startPop});
//   }
//
// where startPop(Host&, Handover) makes the object that serves, accepting from the handed listeners on
// host.loop().

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/config/snapshot.h"
#include "common/proc/tls_material.h"
#include "common/stats/failure_table.h"
#include "common/stats/scoreboard.h"

namespace posthorn::net {
class Loop;
}
namespace posthorn::events {
class Notifier;
class Watcher;
}  // namespace posthorn::events

namespace posthorn::proc {

struct Listener {
  UniqueFd fd;  ///< bound, listening, non-blocking, close-on-exec
  bool tls = false;
  std::string address;  ///< numeric, or the path of a Unix socket
  std::uint16_t port = 0;
  bool packets = false;  ///< a Unix socket of SOCK_SEQPACKET: none for net::Acceptor, which makes streams

  [[nodiscard]] bool local() const { return address.starts_with('/'); }
};

/// What a worker is handed when it starts.
struct Handover {
  config::Service service = config::Service::Pop;
  std::uint64_t generation = 0;
  std::uint32_t index = 0;  ///< 0 .. numprocesses-1
  std::shared_ptr<const config::Snapshot> config;
  std::shared_ptr<const TlsMaterial> tls;
  std::vector<Listener> listeners;
  /// Whom to tell of changes (store::Store::announceTo), and how this worker's sessions hear of them.
  /// runWorker always fills both in, and they outlive the Worker. Without an event area they reach this
  /// process only.
  std::shared_ptr<const events::Notifier> notifier;
  std::shared_ptr<events::Watcher> watcher;
  /// What all workers of the instance know of failed logins (auth::Authenticator). Null: master gave none.
  std::shared_ptr<stats::FailureTable> failures;
};

/// A worker of some service that died, so that what it left behind can be cleaned up.
struct Death {
  std::string service;
  std::uint64_t generation = 0;
  std::uint32_t slot = 0;
  std::uint32_t pid = 0;
};

/// What a daemon implements. Made, called and destroyed on the loop thread; nothing here may block or throw.
class Worker {
 public:
  virtual ~Worker() = default;
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Live options changed, or the certificates did. Both values are complete. Logging has been configured
  /// already. An error changes nothing and is reported to master.
  virtual Status applySnapshot(std::shared_ptr<const config::Snapshot> config,
                               std::shared_ptr<const TlsMaterial> tls) = 0;
  /// Closes the listening descriptors now, keeps every session until it ends by itself, then calls
  /// host.finished(). When the time for draining is over, stop() follows. Idempotent.
  virtual void drain() = 0;
  /// Closes the listening descriptors now, says goodbye in every session (BYE, -ERR [SYS/TEMP]), lets the
  /// bytes reach the client (shutdown for writing and read to the end: a close with unread input is a reset),
  /// then calls host.finished(). May come after drain(). Idempotent. The process ends after base.stoptimeout
  /// in any case.
  virtual void stop() = 0;
  /// Another worker of this instance died.
  virtual void workerDied(const Death& death) { static_cast<void>(death); }
  /// Writes what there is to know about sessions and queues to the log (SIGUSR1).
  virtual void dumpState() {}
};

/// What the frame offers to the daemon; lives longer than its Worker. Loop thread.
class Host {
 public:
  virtual ~Host() = default;
  [[nodiscard]] virtual net::Loop& loop() = 0;
  /// This worker's slot: copy it wherever something is counted. proc itself keeps state and heartbeat.
  [[nodiscard]] virtual const stats::Slot& slot() const = 0;
  /// All sessions are gone after drain() or stop(): the loop ends and runWorker returns 0. The Worker is
  /// destroyed afterwards, not inside this call.
  virtual void finished() = 0;
};

struct WorkerSpec {
  config::Service service = config::Service::Pop;
  /// Makes the Worker and begins to accept; threads may be started from here on. An error goes to master's
  /// log and to the operator's start-msg, so its text should say what to do.
  std::function<Result<std::unique_ptr<Worker>>(Host& host, Handover handover)> start;
};

/// A daemon's whole main: takes over what master hands, runs the loop, answers master, beats. Returns the
/// exit status: 0 after drain or stop, 64 when not started by master, 70 when the handover or `start` failed.
int runWorker(int argc, char** argv, const WorkerSpec& spec);

}  // namespace posthorn::proc
