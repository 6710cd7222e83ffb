// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/config/snapshot.h"
#include "common/proc/privileges.h"

namespace posthorn::master {

/// The run directory of an instance, held by one master at a time through a lock on its pid file. The lock
/// goes with the process, so nothing stale can be in the way.
class Instance {
 public:
  /// Makes server.rundir when it is missing and takes the lock. Exists when another master holds it (with its
  /// pid).
  static Result<Instance> take(const config::Snapshot& config);
  Instance(Instance&&) = default;
  Instance& operator=(Instance&&) = default;
  ~Instance();

  /// The run directory, for the control socket.
  [[nodiscard]] const UniqueFd& folder() const { return folder_; }
  /// Writes this process's pid; after the fork that made it a daemon.
  Status writePid();

 private:
  Instance(std::string path, UniqueFd folder, UniqueFd fd)
      : path_(std::move(path)), folder_(std::move(folder)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd folder_;
  UniqueFd fd_;
};

/// The user that workers run as: server.user, which must be ourselves unless we are root.
Result<proc::RunAs> workersUser(const config::Snapshot& config);

/// Makes a missing directory of this instance that `user` is to write to.
Status makeDirectory(const std::string& path, const proc::RunAs& user);

/// Lets master log as `config` says, or opens its file anew.
Status configureLog(const config::Snapshot& config, const proc::RunAs& user);

/// The two halves of becoming a daemon: the foreground process waits until the daemon says how it went and
/// returns with that as exit status; the daemon goes on.
class Daemon {
 public:
  /// Forks; only the daemon returns. Call it before anything is opened that must not be there twice.
  static Result<Daemon> detach();
  /// Lets go of the terminal: from now on stdout and stderr go to posthorn.log in log.directory. Before the
  /// first worker is started, since it keeps what it inherits.
  static void letGo(const config::Snapshot& config, const proc::RunAs& user);
  /// Opens that file anew by its name, as a rotation needs; on failure nothing changes.
  static Status reopenLog(const config::Snapshot& config, const proc::RunAs& user);
  /// Lets the foreground process end with `status`, showing `text` (on stderr when `status` is not 0).
  void report(int status, const std::string& text);

 private:
  explicit Daemon(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace posthorn::master
