// SPDX-License-Identifier: Apache-2.0
#include "common/base/dialer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <resolv.h>

namespace posthorn {
namespace {

constexpr std::chrono::seconds kNamesLast{60};
constexpr std::size_t kMostAddresses = 8;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

// The resolver waits for 5 s and asks twice by itself: longer than a login may take.
void hurryResolver() {
  thread_local bool done = false;
  if (done) return;
  done = true;
  if (res_init() != 0) return;
  _res.retrans = 1;
  _res.retry = 1;
}

std::string numericName(const sockaddr* address, socklen_t length) {
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(address, length, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  return text.data();
}

void setOptions(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

}  // namespace

Result<std::vector<Dialer::Address>> Dialer::lookUp(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* raw = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &raw);
  const std::unique_ptr<addrinfo, FreeAddresses> list(raw);
  if (code != 0)
    return makeError(Errc::Unavailable, "the name " + host + " cannot be looked up: " + gai_strerror(code));
  std::vector<Address> out;
  for (const addrinfo* at = list.get(); at != nullptr && out.size() < kMostAddresses; at = at->ai_next) {
    Address address;
    if (at->ai_addrlen > sizeof address.storage) continue;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.length = at->ai_addrlen;
    address.text = numericName(at->ai_addr, at->ai_addrlen);
    out.push_back(std::move(address));
  }
  return out;
}

Result<std::vector<Dialer::Address>> Dialer::resolve(const std::string& host, std::uint16_t port) {
  if (auto numeric = lookUp(host, port, AI_NUMERICHOST); numeric.ok()) return numeric;
  const std::string key = host + ":" + std::to_string(port);
  const Steady now = clock_.steady();
  const auto remembered = known_.with([&](auto& known) -> std::vector<Address> {
    const auto found = known.find(key);
    if (found == known.end()) return {};
    if (now - found->second.when < kNamesLast) return found->second.addresses;
    // This caller looks; who comes meanwhile goes on with what was known.
    found->second.when = now;
    return {};
  });
  if (!remembered.empty()) return remembered;
  hurryResolver();
  auto fresh = lookUp(host, port, AI_ADDRCONFIG);
  return known_.with([&](auto& known) -> Result<std::vector<Address>> {
    if (fresh.ok() && !fresh->empty()) {
      known[key] = {*fresh, now};
      return fresh;
    }
    const auto found = known.find(key);
    if (found != known.end()) return found->second.addresses;
    return fresh;
  });
}

Result<UniqueFd> Dialer::connectTo(const Address& address, Steady until) const {
  UniqueFd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return makeError(Errc::Unavailable, errnoError("socket").text);
  setOptions(fd.get());
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0) return fd;
  if (errno != EINPROGRESS)
    return makeError(Errc::Unavailable, errnoError("cannot connect to " + address.text).text);
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock_.steady());
    if (left.count() <= 0) return makeError(Errc::Timeout, "no connection to " + address.text + " in time");
    pollfd wait{fd.get(), POLLOUT, 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready < 0 && errno != EINTR) return makeError(Errc::Unavailable, errnoError("poll").text);
    if (ready <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error == 0) return fd;
    return makeError(Errc::Unavailable, errnoError(error, "cannot connect to " + address.text).text);
  }
}

Result<UniqueFd> Dialer::dial(const std::string& host, std::uint16_t port, Steady deadline) {
  PH_TRY(const auto addresses, resolve(host, port));
  Error last = makeError(Errc::Unavailable, "the name " + host + " has no address");
  auto left = static_cast<Steady::duration::rep>(addresses.size());
  for (const Address& address : addresses) {
    const Steady now = clock_.steady();
    auto fd = connectTo(address, now + (deadline - now) / left--);
    if (fd) return fd;
    last = std::move(fd).error();
  }
  return last;
}

}  // namespace posthorn
