// SPDX-License-Identifier: Apache-2.0
#include "common/proc/control.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/unique_fd.h"

namespace posthorn::proc {
namespace {

Result<UniqueFd> connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return makeError(Errc::Invalid,
                     "the path of the control socket is too long (107 bytes at most): " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return errnoError("make a socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED)
      return makeError(Errc::NotFound, "no master is running at " + path);
    return errnoError("connect to " + path);
  }
  return fd;
}

Status sendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errnoError("send to master");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return okStatus();
}

Result<std::string> readToEnd(int fd, std::chrono::seconds most) {
  const Steady deadline = Clock::system().steady() + most;
  std::string answer;
  std::array<char, 65536> chunk{};
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::system().steady()).count();
    pollfd ready{fd, POLLIN, 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) == 0)
      return makeError(Errc::Timeout, "master does not answer");
    const ssize_t got = ::recv(fd, chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno != ECONNRESET) return errnoError("read master's answer");
    if (got <= 0) return answer;
    answer.append(chunk.data(), static_cast<std::size_t>(got));
    if (answer.size() > kMaxControlAnswer) return makeError(Errc::TooBig, "master's answer is too long");
  }
}

}  // namespace

std::string controlSocketPath(const config::Snapshot& config) {
  return config.get<"server.rundir">() + "/master.sock";
}

std::string pidFilePath(const config::Snapshot& config) {
  return config.get<"server.rundir">() + "/master.pid";
}

Result<std::string> askMaster(const std::string& socketPath, const std::string& request,
                              std::chrono::seconds most) {
  PH_TRY(const UniqueFd fd, connectTo(socketPath));
  // An answer may already be there when the request cannot be sent: a refusal.
  const Status sent = sendAll(fd.get(), request + "\n");
  PH_TRY(std::string answer, readToEnd(fd.get(), most));
  const std::size_t end = answer.find('\n');
  if (end == std::string::npos) {
    if (!sent.ok()) return sent.error();
    return makeError(Errc::Unavailable, "master ended before it answered");
  }
  answer.resize(end);
  return answer;
}

}  // namespace posthorn::proc
