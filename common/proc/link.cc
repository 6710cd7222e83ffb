// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>

#include "common/proc/message.h"
#include "common/proc/worker_link.h"

namespace posthorn::proc {
namespace {

constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int) * kMaxPacketFds);

std::vector<UniqueFd> takeFds(msghdr& header) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<std::pair<Link, Link>> Link::pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return errnoError("make a control socket");
  return std::pair<Link, Link>{Link(UniqueFd(ends[0])), Link(UniqueFd(ends[1]))};
}

Status Link::send(const Message& message, std::span<const int> fds) {
  PH_ASSERT(fds.size() <= kMaxPacketFds);
  std::string packet = encode(message);
  if (packet.size() > kMaxPacket) return makeError(Errc::TooBig, "a message to a worker is too long");
  iovec part{packet.data(), packet.size()};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
  }
  while (::sendmsg(fd_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno != EINTR) return errnoError("send on the control socket");
  }
  return okStatus();
}

Result<std::optional<Link::Received>> Link::receive() {
  std::string packet(kMaxPacket, '\0');
  iovec part{packet.data(), packet.size()};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(fd_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<Received>();
    if (errno == ECONNRESET) return makeError(Errc::Cancelled, "the other end of the control socket is gone");
    return errnoError("receive on the control socket");
  }
  Received received;
  received.fds = takeFds(header);
  if (got == 0) return makeError(Errc::Cancelled, "the other end of the control socket is gone");
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return makeError(Errc::Invalid, "a packet on the control socket is too long");
  packet.resize(static_cast<std::size_t>(got));
  PH_TRY(received.message, decode(packet));
  return std::optional<Received>(std::move(received));
}

}  // namespace posthorn::proc
