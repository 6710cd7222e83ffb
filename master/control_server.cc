// SPDX-License-Identifier: Apache-2.0
#include "master/control_server.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/proc/control.h"
#include "common/proc/fd_passing.h"
#include "common/proc/folder.h"
#include "master/messages.h"

namespace posthorn::master {
namespace {

/// For a request to arrive and for an answer to be taken.
constexpr std::chrono::seconds kPatience{10};

}  // namespace

struct ControlServer::Connection {
  UniqueFd fd;
  std::string input;
  std::string output;
  std::vector<int> descriptors;  // to go with the first byte of the output
  std::uint64_t number = 0;      // in the order of arrival
  bool asked = false;
  bool stayOpen = false;
  Reactor::TimerId timer = 0;
};

ControlServer::~ControlServer() {
  for (const auto& [fd, connection] : connections_) reactor_.unwatch(fd);
  if (!socket_) return;
  reactor_.unwatch(socket_.get());
  ::unlinkat(folder_, name_.c_str(), 0);
}

Status ControlServer::listen(const UniqueFd& folder, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return makeError(Errc::Invalid, "the path of the control socket is too long (107 bytes at most): " +
                                        path + ": set server.rundir to a shorter one");
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::string place = proc::pathIn(folder, name);
  if (place.size() >= sizeof address.sun_path)
    return makeError(Errc::Invalid, "the name of the control socket is too long: " + name);
  std::memcpy(address.sun_path, place.data(), place.size());
  struct stat info {};
  if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISSOCK(info.st_mode))
    ::unlinkat(folder.get(), name.c_str(), 0);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return errnoError("make the control socket");
  // Everybody may connect, so that a stranger gets an answer and not a riddle; who may command is decided by
  // SO_PEERCRED. No chmod or chown afterwards: the folder may belong to a less trusted user.
  const mode_t mask = ::umask(0);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(mask);
  if (bound != 0 || ::listen(fd.get(), static_cast<int>(kMaxConnections)) != 0)
    return errnoError("listen on " + path);
  folder_ = folder.get();
  name_ = name;
  socket_ = std::move(fd);
  reactor_.watch(socket_.get(), [this] { onAccept(); });
  return okStatus();
}

bool ControlServer::mayCommand(int fd) const {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  if (peer.uid == 0 || peer.uid == user_) return true;
  log::write(messages::kDenied, {{"uid", std::to_string(peer.uid)}, {"pid", std::to_string(peer.pid)}});
  return false;
}

void ControlServer::onAccept() {
  UniqueFd fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) return;
  if (connections_.size() >= kMaxConnections) dropOldestUnasked();
  if (connections_.size() >= kMaxConnections) return;
  auto connection = std::make_shared<Connection>();
  connection->number = ++accepted_;
  connection->fd = std::move(fd);
  connections_[connection->fd.get()] = connection;
  if (!mayCommand(connection->fd.get())) {
    Outcome outcome;
    outcome.fail("permission denied: only root and server.user may command this instance");
    connection->asked = true;
    answer(connection, outcome);
    return;
  }
  connection->timer = reactor_.after(kPatience, [this, connection] { drop(connection); });
  reactor_.watch(connection->fd.get(), [this, connection] { onRequest(connection); });
}

void ControlServer::dropOldestUnasked() {
  std::shared_ptr<Connection> oldest;
  for (const auto& [fd, connection] : connections_)
    if (!connection->asked && (!oldest || connection->number < oldest->number)) oldest = connection;
  if (oldest) drop(oldest);
}

void ControlServer::onRequest(const std::shared_ptr<Connection>& connection) {
  std::array<char, 4096> chunk{};
  const ssize_t got = ::recv(connection->fd.get(), chunk.data(), chunk.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    drop(connection);
    return;
  }
  connection->input.append(chunk.data(), static_cast<std::size_t>(got));
  const std::size_t end = connection->input.find('\n');
  if (end == std::string::npos && connection->input.size() < proc::kMaxControlRequest) return;
  reactor_.cancel(connection->timer);
  // One request a connection: what follows it is not read, and whoever hangs up meanwhile is noticed when
  // answered.
  reactor_.unwatch(connection->fd.get());
  connection->asked = true;
  auto request = end == std::string::npos ? Result<Request>(makeError(Errc::TooBig, "bad request: too long"))
                                          : parseRequest(std::string_view(connection->input).substr(0, end));
  connection->input.clear();
  if (!request.ok()) {
    Outcome outcome;
    outcome.fail(request.error().text);
    answer(connection, outcome);
    return;
  }
  handler_(*request, [this, weak = std::weak_ptr(connection)](const Outcome& outcome) {
    if (const auto still = weak.lock()) answer(still, outcome);
  });
}

void ControlServer::answer(const std::shared_ptr<Connection>& connection, const Outcome& outcome) {
  connection->output = outcome.line();
  connection->descriptors = outcome.descriptors;
  connection->stayOpen = outcome.ending;
  connection->timer = reactor_.after(kPatience, [this, connection] { drop(connection); });
  reactor_.watch(
      connection->fd.get(), [this, connection] { onWritable(connection); }, Reactor::For::Writing);
  onWritable(connection);
}

void ControlServer::onWritable(const std::shared_ptr<Connection>& connection) {
  while (!connection->output.empty()) {
    const ssize_t sent = proc::sendWithFds(connection->fd.get(), connection->output, connection->descriptors);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) {
      drop(connection);
      return;
    }
    connection->output.erase(0, static_cast<std::size_t>(sent));
    connection->descriptors.clear();
  }
  reactor_.unwatch(connection->fd.get());
  // Closed by the end of this process, which is what the other side waits for.
  reactor_.cancel(connection->timer);
  if (!connection->stayOpen) drop(connection);
}

void ControlServer::drop(const std::shared_ptr<Connection>& connection) {
  reactor_.cancel(connection->timer);
  reactor_.unwatch(connection->fd.get());
  connections_.erase(connection->fd.get());
}

}  // namespace posthorn::master
