// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/config/snapshot.h"
#include "master/reactor.h"
#include "master/systemd.h"

namespace posthorn::master {

/// Where a service listens.
struct Endpoint {
  std::string address;  ///< numeric, as configured: "0.0.0.0", "::1"
  std::uint16_t port = 0;
  bool tls = false;  ///< from the first byte
  auto operator<=>(const Endpoint&) const = default;
  [[nodiscard]] std::string text() const;  ///< "0.0.0.0 port 110"
};

/// The endpoints of a service: plain port, then the TLS port, on every address.
std::vector<Endpoint> endpointsOf(const config::ServiceConfig& service);

/// A bound, listening, non-blocking socket. Shared by the generations that use it; closed with the last one.
class ListenSocket {
 public:
  ListenSocket(Endpoint endpoint, UniqueFd fd, Systemd& systemd);
  ~ListenSocket();
  ListenSocket(const ListenSocket&) = delete;
  ListenSocket& operator=(const ListenSocket&) = delete;
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  Endpoint endpoint_;
  UniqueFd fd_;
  Systemd& systemd_;
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

  /// Binds all of `endpoints`, keeping those of `current` that are among them. Calls `done` at once or within
  /// two seconds; its error names address, port, service and what to do, one line for each endpoint that
  /// failed, and then nothing stays bound.
  void bindAll(config::Service service, std::vector<Endpoint> endpoints, const ListenSockets& current,
               Done done);

 private:
  struct Attempt;
  void tryAttempt(const std::shared_ptr<Attempt>& attempt);
  Result<std::shared_ptr<ListenSocket>> take(const Endpoint& endpoint);

  Reactor& reactor_;
  Systemd& systemd_;
  std::map<std::pair<std::string, std::uint16_t>, UniqueFd> adopted_;
};

}  // namespace posthorn::master
