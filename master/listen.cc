// SPDX-License-Identifier: Apache-2.0
#include "master/listen.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/proc/worker_link.h"
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

bool isAny(const std::string& address) {
  return address == "0.0.0.0" || address == "::";
}

bool isV6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

void sharePort(int fd, int on) {
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

/// While it lives, another socket of this process's user that asks for it can be bound and listen beside
/// those of `sockets` that overlap. Not longer: two programs that share a port by mistake would never notice.
class Beside {
 public:
  Beside(const Endpoint& endpoint, const Binder::Held& held) {
    for (const ListenSockets* sockets : {&held.own, &held.others})
      for (const auto& socket : *sockets)
        if (overlap(endpoint, socket->endpoint())) add(socket->fd());
  }
  ~Beside() {
    for (const int fd : fds_) sharePort(fd, 0);
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  [[nodiscard]] bool any() const { return !fds_.empty(); }

 private:
  void add(int fd) {
    sharePort(fd, 1);
    fds_.push_back(fd);
  }
  std::vector<int> fds_;
};

Opened openListening(const Address& address, const Beside& beside) {
  const int on = 1;
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return {UniqueFd(), errno};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6)
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (beside.any()) sharePort(fd.get(), 1);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 ||
      ::listen(fd.get(), kBacklog) != 0)
    return {UniqueFd(), errno};
  if (beside.any()) sharePort(fd.get(), 0);
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
      return text + std::generic_category().message(failed);
  }
}

bool isMissingFamily(int failed) {
  return failed == EAFNOSUPPORT || failed == EADDRNOTAVAIL;
}

}  // namespace

std::string Endpoint::text() const {
  if (local()) return address;
  return address + " port " + std::to_string(port);
}

std::vector<Endpoint> endpointsOf(const config::ServiceConfig& service) {
  std::vector<Endpoint> endpoints;
  if (service.port != 0)
    for (const std::string& address : service.listenaddr)
      endpoints.push_back({canonical(address), service.port, false});
  if (service.enablesslport)
    for (const std::string& address : service.listenaddr)
      endpoints.push_back({canonical(address), service.sslport, true});
  for (const config::LocalSocket& socket : service.localSockets)
    endpoints.push_back(
        {.address = socket.path, .packets = socket.packets, .mode = static_cast<unsigned>(socket.mode)});
  return endpoints;
}

bool overlap(const Endpoint& one, const Endpoint& other) {
  if (one.local() || other.local()) return one.address == other.address;
  return one.port == other.port && isV6(one.address) == isV6(other.address) &&
         (one.address == other.address || isAny(one.address) || isAny(other.address));
}

BoundSocket::BoundSocket(const Endpoint& endpoint, UniqueFd fd, Systemd& systemd)
    : name_(Systemd::fdName(endpoint.address, endpoint.port)), fd_(std::move(fd)), systemd_(systemd) {
  systemd_.storeFd(name_, fd_.get());
}

BoundSocket::BoundSocket(LocalListener local, Systemd& systemd)
    : fd_(std::move(local.fd)), file_(std::move(local.file)), systemd_(systemd) {}

BoundSocket::~BoundSocket() {
  if (!name_.empty()) systemd_.removeFd(name_);
}

struct Binder::Attempt {
  config::Service service;
  std::vector<Endpoint> wanted;
  std::vector<Endpoint> endpoints;  // those that are left to bind
  Held held;
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

namespace {

std::shared_ptr<ListenSocket> heldAt(const ListenSockets& sockets, const Endpoint& endpoint) {
  const auto found = std::find_if(sockets.begin(), sockets.end(), [&endpoint](const auto& socket) {
    return socket->endpoint().address == endpoint.address && socket->endpoint().port == endpoint.port;
  });
  return found == sockets.end() ? nullptr : *found;
}

/// Those of `own` that only the new socket for all addresses of their family would stand in for.
ListenSockets superfluous(const ListenSockets& own, const std::vector<Endpoint>& wanted) {
  ListenSockets kept;
  for (const auto& socket : own) {
    const Endpoint& old = socket->endpoint();
    const bool covered = std::any_of(wanted.begin(), wanted.end(), [&old](const Endpoint& endpoint) {
      return endpoint.tls == old.tls && isAny(endpoint.address) && !isAny(old.address) &&
             overlap(endpoint, old);
    });
    const bool wantedItself = std::any_of(wanted.begin(), wanted.end(), [&old](const Endpoint& endpoint) {
      return endpoint.address == old.address && endpoint.port == old.port;
    });
    if (covered && !wantedItself && wanted.size() + kept.size() < proc::kMaxListeners) kept.push_back(socket);
  }
  return kept;
}

}  // namespace

void Binder::bindAll(config::Service service, std::vector<Endpoint> endpoints, Held held, Done done) {
  auto attempt = std::make_shared<Attempt>();
  attempt->service = service;
  attempt->deadline = reactor_.now() + kRetryFor;
  attempt->done = std::move(done);
  attempt->wanted = endpoints;
  attempt->endpoints = std::move(endpoints);
  attempt->held = std::move(held);
  tryAttempt(attempt);
}

std::shared_ptr<const BoundSocket> Binder::takeLocal(const Endpoint& endpoint, Failure& failed) {
  auto local = listenLocal(endpoint.address, endpoint.packets, endpoint.mode, kBacklog);
  if (local.ok()) return std::make_shared<BoundSocket>(std::move(local).value(), systemd_);
  failed = {local.error().code == Errc::Exists ? EADDRINUSE : 0, local.error().text};
  return nullptr;
}

std::shared_ptr<const BoundSocket> Binder::take(const Attempt& attempt, const Endpoint& endpoint,
                                                Failure& failed) {
  for (const ListenSockets* sockets : {&attempt.held.own, &attempt.held.others})
    if (const auto held = heldAt(*sockets, endpoint)) return held->bound();
  if (const auto adopted = adopted_.find({endpoint.address, endpoint.port}); adopted != adopted_.end()) {
    UniqueFd fd = std::move(adopted->second);
    adopted_.erase(adopted);
    return std::make_shared<BoundSocket>(endpoint, std::move(fd), systemd_);
  }
  if (endpoint.local()) return takeLocal(endpoint, failed);
  const auto address = parseAddress(endpoint);
  if (!address.ok()) {
    failed.number = EADDRNOTAVAIL;
    return nullptr;
  }
  Beside beside(endpoint, attempt.held);
  Opened opened = openListening(*address, beside);
  failed.number = opened.failed;
  if (!opened.fd) return nullptr;
  return std::make_shared<BoundSocket>(endpoint, std::move(opened.fd), systemd_);
}

void Binder::tryAttempt(const std::shared_ptr<Attempt>& attempt) {
  std::vector<Endpoint> left;
  std::string errors;
  bool retry = false;
  for (const Endpoint& endpoint : attempt->endpoints) {
    Failure failed;
    if (auto bound = take(*attempt, endpoint, failed)) {
      attempt->sockets.push_back(std::make_shared<ListenSocket>(endpoint, std::move(bound)));
      continue;
    }
    // A host without IPv6 is no error as long as the other address of the pair is there.
    if (endpoint.address == "::" && isMissingFamily(failed.number)) {
      log::write(messages::kNoIpv6, {{"address", endpoint.text()}});
      continue;
    }
    retry = retry || failed.number == EADDRINUSE;
    errors +=
        (errors.empty() ? "" : "\n") +
        (endpoint.local() ? std::string(config::nameOf(attempt->service)) + ": cannot listen: " + failed.text
                          : explain(attempt->service, endpoint, failed.number));
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
  for (auto& kept : superfluous(attempt->held.own, attempt->wanted))
    attempt->sockets.push_back(std::move(kept));
  attempt->done(std::move(attempt->sockets));
}

}  // namespace posthorn::master
