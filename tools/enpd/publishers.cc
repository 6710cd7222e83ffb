// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/publishers.h"

#include <cerrno>
#include <string>

#include <sys/socket.h>
#include <unistd.h>

#include "tools/enpd/messages.h"

namespace posthorn::enpd {
namespace {

constexpr int kPacketsPerTurn = 256;  // then others have their turn
constexpr int kAcceptsPerTurn = 64;
constexpr int kPacketsAtEnd = 8192;  // more than a publisher's buffer holds

}  // namespace

Publishers::Publishers(net::Loop& loop, OnPacket onPacket)
    : loop_(loop), onPacket_(std::move(onPacket)), buffer_(events::kMaxEventPacket + 1) {}

Publishers::~Publishers() = default;

void Publishers::listen(UniqueFd socket) {
  loop_.assertHere();
  socket_ = std::move(socket);
  accepting_ = std::make_unique<net::Watch>(loop_, socket_.get(), net::Ready::Read, [this] { onAccept(); });
  accepting_->enable();
}

bool Publishers::mayLog(Steady& quietUntil) const {
  const Steady now = loop_.now();
  if (now < quietUntil) return false;
  quietUntil = now + std::chrono::seconds{1};
  return true;
}

bool Publishers::mayPublish(int fd, pid_t& pid) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  pid = peer.pid;
  if (peer.uid == 0 || peer.uid == ::geteuid()) return true;
  if (mayLog(strangersQuiet_))
    log::write(messages::kStranger, {{"uid", std::to_string(peer.uid)}, {"pid", std::to_string(peer.pid)}});
  return false;
}

void Publishers::onAccept() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    UniqueFd fd(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    pid_t pid = 0;
    if (connections_.size() >= kMost || !mayPublish(fd.get(), pid)) continue;
    const int number = fd.get();
    Connection& connection = connections_[number];
    connection.fd = std::move(fd);
    connection.pid = pid;
    connection.watch =
        std::make_unique<net::Watch>(loop_, number, net::Ready::Read, [this, number] { onReadable(number); });
    connection.watch->enable();
  }
}

Publishers::Read Publishers::readOne(Connection& connection) {
  ssize_t got = 0;
  do {
    got = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Read::Nothing : Read::End;
  if (got == 0) return Read::End;
  const auto packet = events::decodeEvent({buffer_.data(), static_cast<std::size_t>(got)});
  if (packet.ok()) {
    onPacket_(*packet);
    return Read::Packet;
  }
  // Of a newer release: the next may be one that we know.
  if (packet.error().code == Errc::Unsupported) return Read::Packet;
  if (mayLog(packetsQuiet_))
    log::write(messages::kBadPacket, {{"pid", std::to_string(connection.pid)}, {"why", packet.error().text}});
  return Read::End;
}

void Publishers::onReadable(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    const Read read = readOne(found->second);
    if (read == Read::Nothing) return;
    if (read == Read::End) return drop(fd);
  }
}

void Publishers::drop(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  found->second.watch.reset();
  connections_.erase(found);
}

void Publishers::close() {
  loop_.assertHere();
  accepting_.reset();
  socket_.reset();
  for (auto& [fd, connection] : connections_) {
    // A publisher that goes on sending may not keep us here.
    for (int i = 0; i < kPacketsAtEnd && readOne(connection) == Read::Packet; ++i) {
    }
    connection.watch.reset();
  }
  connections_.clear();
}

}  // namespace posthorn::enpd
