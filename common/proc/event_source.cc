// SPDX-License-Identifier: Apache-2.0
// How a tool gets the event area from master, in bounded time.
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/base/clock.h"
#include "common/base/unique_fd.h"
#include "common/events/publisher.h"
#include "common/proc/control.h"
#include "common/proc/fd_passing.h"

namespace posthorn::proc {
namespace {

constexpr std::string_view kRequest = "{\"command\":\"events\"}\n";

/// A full backlog is an error at once: a master that does not accept does not answer either.
std::optional<UniqueFd> tryConnect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::nullopt;
  return fd;
}

/// The descriptors that come with the first bytes; none when they do not come whole.
std::vector<UniqueFd> receiveFds(int fd) {
  std::array<char, 256> bytes{};
  Passed passed = receiveWithFds(fd, bytes);
  if (passed.got <= 0 || (passed.flags & MSG_CTRUNC) != 0) return {};
  return std::move(passed.fds);
}

bool awaitAnswer(int fd, Steady deadline) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::system().steady());
    if (left.count() <= 0) return false;
    pollfd ready{fd, POLLIN, 0};
    const int events = ::poll(&ready, 1, static_cast<int>(left.count()));
    if (events > 0) return true;
    if (events == 0 || errno != EINTR) return false;
  }
}

}  // namespace

std::shared_ptr<const events::Area> askForEvents(const std::string& socketPath,
                                                 std::chrono::milliseconds most) {
  const Steady deadline = Clock::system().steady() + most;
  const auto fd = tryConnect(socketPath);
  if (!fd) return nullptr;
  // So few bytes fit into any socket buffer.
  if (::send(fd->get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(kRequest.size()))
    return nullptr;
  if (!awaitAnswer(fd->get(), deadline)) return nullptr;
  auto fds = receiveFds(fd->get());
  if (fds.empty()) return nullptr;
  UniqueFd memory = std::move(fds.front());
  fds.erase(fds.begin());
  auto area = events::Area::attach(std::move(memory), std::move(fds));
  return area.ok() ? std::shared_ptr<const events::Area>(std::move(area).value()) : nullptr;
}

std::shared_ptr<const events::Notifier> notifierFor(const config::Snapshot& config) {
  return std::make_shared<const events::Notifier>(
      [path = controlSocketPath(config)] { return askForEvents(path); },
      std::make_shared<events::Publisher>(events::Publisher::Settings::from(config)));
}

}  // namespace posthorn::proc
