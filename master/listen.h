// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/config/snapshot.h"
#include "master/local_socket.h"
#include "master/reactor.h"
#include "master/systemd.h"

namespace posthorn::master {

/// Where a service listens.
struct Endpoint {
  std::string address;  ///< numeric, as configured: "0.0.0.0", "::1"; or the path of a Unix socket
  std::uint16_t port = 0;
  bool tls = false;      ///< from the first byte
  bool packets = false;  ///< Unix sockets: SOCK_SEQPACKET
  unsigned mode = 0;     ///< Unix sockets: the permissions of the file, when it is made
  auto operator<=>(const Endpoint&) const = default;
  [[nodiscard]] bool local() const { return address.starts_with('/'); }
  [[nodiscard]] std::string text() const;  ///< "0.0.0.0 port 110", "/run/posthorn/ens.sock"
};

/// The endpoints of a service: plain port, then the TLS port, on every address, then its Unix sockets.
std::vector<Endpoint> endpointsOf(const config::ServiceConfig& service);

/// True when the kernel would not bind both: one port, and one address or an address among all of its family;
/// or one path.
bool overlap(const Endpoint& one, const Endpoint& other);

/// A bound, listening, non-blocking socket, and its place in systemd's store or its file. Closed with the
/// last listener that uses it. A Unix socket is not kept in the store: its clients find the next one by its
/// path.
class BoundSocket {
 public:
  BoundSocket(const Endpoint& endpoint, UniqueFd fd, Systemd& systemd);
  BoundSocket(LocalListener local, Systemd& systemd);
  ~BoundSocket();
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  std::string name_;  // in the store; empty: not there
  UniqueFd fd_;
  std::optional<SocketFile> file_;
  Systemd& systemd_;
};

/// What a service speaks on a socket. Shared by the generations that use it.
class ListenSocket {
 public:
  ListenSocket(Endpoint endpoint, std::shared_ptr<const BoundSocket> bound)
      : endpoint_(std::move(endpoint)), bound_(std::move(bound)) {}
  [[nodiscard]] int fd() const { return bound_->fd(); }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const std::shared_ptr<const BoundSocket>& bound() const { return bound_; }

 private:
  Endpoint endpoint_;
  std::shared_ptr<const BoundSocket> bound_;
};
using ListenSockets = std::vector<std::shared_ptr<ListenSocket>>;

/// Binds sockets: takes those that systemd handed over or kept, then asks the kernel; a taken port is tried
/// again for two seconds (workers of a master that died are about to close it). One thread.
class Binder {
 public:
  using Done = std::function<void(Result<ListenSockets>)>;
  Binder(Reactor& reactor, Systemd& systemd) : reactor_(reactor), systemd_(systemd) {}

  /// Sockets that systemd passed at start: bindAll() takes those of its endpoints at once; dropAdopted()
  /// closes the others, before anything else happens.
  void adopt(std::vector<UniqueFd> fds);
  void dropAdopted();

  /// What is bound already and is nobody else's to keep.
  struct Held {
    ListenSockets own;     ///< of the service's current generation
    ListenSockets others;  ///< those that other services give up in the same order
  };
  /// Binds all of `endpoints`. A held socket with the wanted address and port is used again, whatever was
  /// spoken on it; beside held ones that overlap, new ones are bound. An own socket that a wanted one for all
  /// addresses makes superfluous is kept, since to close it would reset who has just connected. Calls `done`
  /// at once or within two seconds; its error names address, port, service and what to do, one line for each
  /// endpoint that failed, and then nothing more than before stays bound.
  void bindAll(config::Service service, std::vector<Endpoint> endpoints, Held held, Done done);

 private:
  struct Attempt;
  void tryAttempt(const std::shared_ptr<Attempt>& attempt);
  /// Why a socket could not be had.
  struct Failure {
    int number = 0;    ///< an errno
    std::string text;  ///< of a Unix socket
  };
  /// A socket for `endpoint`, or why not.
  std::shared_ptr<const BoundSocket> take(const Attempt& attempt, const Endpoint& endpoint, Failure& failed);
  std::shared_ptr<const BoundSocket> takeLocal(const Endpoint& endpoint, Failure& failed);

  Reactor& reactor_;
  Systemd& systemd_;
  std::map<std::pair<std::string, std::uint16_t>, UniqueFd> adopted_;
};

}  // namespace posthorn::master
