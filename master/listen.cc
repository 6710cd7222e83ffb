// SPDX-License-Identifier: Apache-2.0
#include "master/listen.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "master/messages.h"

namespace posthorn::master {
namespace {

constexpr std::chrono::milliseconds kRetryEvery{50};
constexpr std::chrono::milliseconds kRetryFor{2000};
constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

Result<Address> parseAddress(const Endpoint& endpoint) {
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (::inet_pton(AF_INET, endpoint.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(endpoint.port);
    address.length = sizeof *v4;
    return address;
  }
  if (::inet_pton(AF_INET6, endpoint.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(endpoint.port);
    address.length = sizeof *v6;
    return address;
  }
  return makeError(Errc::Invalid, endpoint.address + " is no IPv4 or IPv6 address");
}

/// A listening socket, or the errno of the call that failed.
struct Opened {
  UniqueFd fd;
  int failed = 0;
};

Opened openListening(const Address& address) {
  const int on = 1;
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return {UniqueFd(), errno};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6)
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 ||
      ::listen(fd.get(), kBacklog) != 0)
    return {UniqueFd(), errno};
  return {std::move(fd), 0};
}

/// The numeric address and port that `fd` listens on; nothing when it is no listening TCP socket.
std::optional<std::pair<std::string, std::uint16_t>> listensOn(int fd) {
  int listening = 0;
  socklen_t length = sizeof listening;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 || listening == 0)
    return std::nullopt;
  sockaddr_storage storage{};
  length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
    return std::pair{std::string(text.data()), ntohs(v4->sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    return std::pair{std::string(text.data()), ntohs(v6->sin6_port)};
  }
  return std::nullopt;
}

/// The kernel's own spelling of a numeric address, to compare with listensOn.
std::string canonical(const std::string& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return address;
  return ::inet_ntop(AF_INET6, &v6, text.data(), text.size());
}

std::string explain(config::Service service, const Endpoint& endpoint, int failed) {
  const std::string name(config::nameOf(service));
  const std::string option = name + (endpoint.tls ? ".sslport" : ".port");
  std::string text = name + ": cannot listen on " + endpoint.text() + ": ";
  switch (failed) {
    case EADDRINUSE:
      return text +
             "another program has this port: stop it (`ss -ltnp 'sport = :" + std::to_string(endpoint.port) +
             "'` shows it) or choose another one with `msconfig set " + option + " N`";
    case EACCES:
    case EPERM:
      return text +
             "ports below 1024 need root or CAP_NET_BIND_SERVICE: start master so, or choose a higher one "
             "with `msconfig set " +
             option + " N`";
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return text + "this host has no such address: correct it in base.listenaddr";
    default:
      return text + std::strerror(failed);
  }
}

bool isMissingFamily(int failed) {
  return failed == EAFNOSUPPORT || failed == EADDRNOTAVAIL;
}

}  // namespace

std::string Endpoint::text() const {
  return address + " port " + std::to_string(port);
}

std::vector<Endpoint> endpointsOf(const config::ServiceConfig& service) {
  std::vector<Endpoint> endpoints;
  for (const std::string& address : service.listenaddr)
    endpoints.push_back({canonical(address), service.port, false});
  if (service.enablesslport)
    for (const std::string& address : service.listenaddr)
      endpoints.push_back({canonical(address), service.sslport, true});
  return endpoints;
}

ListenSocket::ListenSocket(Endpoint endpoint, UniqueFd fd, Systemd& systemd)
    : endpoint_(std::move(endpoint)), fd_(std::move(fd)), systemd_(systemd) {
  systemd_.storeFd(Systemd::fdName(endpoint_.address, endpoint_.port), fd_.get());
}

ListenSocket::~ListenSocket() {
  systemd_.removeFd(Systemd::fdName(endpoint_.address, endpoint_.port));
}

struct Binder::Attempt {
  config::Service service;
  std::vector<Endpoint> endpoints;
  ListenSockets sockets;  // as far as they are bound
  Steady deadline;
  Done done;
};

void Binder::adopt(std::vector<UniqueFd> fds) {
  for (UniqueFd& fd : fds) {
    const auto where = listensOn(fd.get());
    if (!where) continue;
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    adopted_.insert_or_assign(*where, std::move(fd));
  }
}

void Binder::dropAdopted() {
  for (const auto& [where, fd] : adopted_) systemd_.removeFd(Systemd::fdName(where.first, where.second));
  adopted_.clear();
}

void Binder::bindAll(config::Service service, std::vector<Endpoint> endpoints, const ListenSockets& current,
                     Done done) {
  auto attempt = std::make_shared<Attempt>();
  attempt->service = service;
  attempt->deadline = reactor_.now() + kRetryFor;
  attempt->done = std::move(done);
  for (Endpoint& endpoint : endpoints) {
    const auto kept = std::find_if(current.begin(), current.end(), [&endpoint](const auto& socket) {
      return socket->endpoint() == endpoint;
    });
    if (kept != current.end())
      attempt->sockets.push_back(*kept);
    else
      attempt->endpoints.push_back(std::move(endpoint));
  }
  tryAttempt(attempt);
}

void Binder::tryAttempt(const std::shared_ptr<Attempt>& attempt) {
  std::vector<Endpoint> left;
  std::string errors;
  bool retry = false;
  for (const Endpoint& endpoint : attempt->endpoints) {
    const auto where = std::pair{endpoint.address, endpoint.port};
    if (const auto adopted = adopted_.find(where); adopted != adopted_.end()) {
      attempt->sockets.push_back(
          std::make_shared<ListenSocket>(endpoint, std::move(adopted->second), systemd_));
      adopted_.erase(adopted);
      continue;
    }
    const auto address = parseAddress(endpoint);
    Opened opened = address.ok() ? openListening(*address) : Opened{UniqueFd(), EADDRNOTAVAIL};
    if (opened.fd) {
      attempt->sockets.push_back(std::make_shared<ListenSocket>(endpoint, std::move(opened.fd), systemd_));
      continue;
    }
    // A host without IPv6 is no error as long as the other address of the pair is there.
    if (endpoint.address == "::" && isMissingFamily(opened.failed)) {
      log::write(messages::kNoIpv6, {{"address", endpoint.text()}});
      continue;
    }
    retry = retry || opened.failed == EADDRINUSE;
    errors += (errors.empty() ? "" : "\n") + explain(attempt->service, endpoint, opened.failed);
    left.push_back(endpoint);
  }
  attempt->endpoints = std::move(left);
  if (retry && reactor_.now() < attempt->deadline) {
    reactor_.after(kRetryEvery, [this, attempt] { tryAttempt(attempt); });
    return;
  }
  if (errors.empty() && attempt->sockets.empty())
    errors = "no address to listen on is left: set base.listenaddr";
  if (!errors.empty()) {
    attempt->done(makeError(Errc::Unavailable, errors));
    return;
  }
  attempt->done(std::move(attempt->sockets));
}

}  // namespace posthorn::master
