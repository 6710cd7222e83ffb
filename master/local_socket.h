// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sys/stat.h>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::master {

/// The file of a Unix socket that master has bound. It goes with the object, unless somebody has put another
/// one there meanwhile. Movable.
class SocketFile {
 public:
  SocketFile(UniqueFd folder, std::string name, const struct stat& made)
      : folder_(std::move(folder)), name_(std::move(name)), device_(made.st_dev), inode_(made.st_ino) {}
  SocketFile(SocketFile&&) = default;
  SocketFile& operator=(SocketFile&&) = delete;
  ~SocketFile();

 private:
  UniqueFd folder_;  // whatever lies at its path by now
  std::string name_;
  dev_t device_;
  ino_t inode_;
};

struct LocalListener {
  UniqueFd fd;
  SocketFile file;
};

/// Binds a Unix socket (SOCK_SEQPACKET when `packets`, else SOCK_STREAM) at the absolute `path` and listens.
/// `mode` says who may connect; no chmod afterwards, since the folder may belong to a less trusted user. A
/// socket file that nobody listens on any more is replaced; one that somebody listens on is Exists, as is a
/// file of another kind. NotFound, Denied: the folder is missing or the way there cannot be trusted.
Result<LocalListener> listenLocal(const std::string& path, bool packets, mode_t mode, int backlog);

}  // namespace posthorn::master
