// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <sys/types.h>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "master/reactor.h"
#include "master/request.h"

namespace posthorn::master {

/// The control socket (common/proc/control.h): one request a connection, answered when it has been carried
/// out. Only root and `user` are heard. Never blocks: whoever is slow with his request waits alone, and makes
/// room when many are. One thread.
class ControlServer {
 public:
  using Handler = std::function<void(const Request&, Reply)>;
  static constexpr std::size_t kMaxConnections = 32;

  ControlServer(Reactor& reactor, uid_t user, Handler handler)
      : reactor_(reactor), user_(user), handler_(std::move(handler)) {}
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// Binds the socket in `folder`, which is the directory of `path` and outlives this; one that a dead master
  /// left there is replaced (the caller holds the instance's lock).
  Status listen(const UniqueFd& folder, const std::string& path);

 private:
  struct Connection;
  void onAccept();
  void onRequest(const std::shared_ptr<Connection>& connection);
  void answer(const std::shared_ptr<Connection>& connection, const Outcome& outcome);
  void onWritable(const std::shared_ptr<Connection>& connection);
  void drop(const std::shared_ptr<Connection>& connection);
  [[nodiscard]] bool mayCommand(int fd) const;

  Reactor& reactor_;
  uid_t user_;
  Handler handler_;
  void dropOldestUnasked();
  int folder_ = -1;
  std::string name_;
  UniqueFd socket_;
  std::uint64_t accepted_ = 0;
  std::map<int, std::shared_ptr<Connection>> connections_;
};

}  // namespace posthorn::master
