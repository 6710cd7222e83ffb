// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>

#include "common/proc/fd_passing.h"
#include "common/proc/message.h"
#include "common/proc/worker_link.h"

namespace posthorn::proc {
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
  while (sendWithFds(fd_.get(), packet, fds, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    if (errno != EINTR) return errnoError("send on the control socket");
  }
  return okStatus();
}

Result<std::optional<Link::Received>> Link::receive() {
  std::string packet(kMaxPacket, '\0');
  Passed passed = receiveWithFds(fd_.get(), packet);
  if (passed.got < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<Received>();
    if (errno == ECONNRESET) return makeError(Errc::Cancelled, "the other end of the control socket is gone");
    return errnoError("receive on the control socket");
  }
  if (passed.got == 0) return makeError(Errc::Cancelled, "the other end of the control socket is gone");
  if ((passed.flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || passed.fds.size() > kMaxPacketFds)
    return makeError(Errc::Invalid, "a packet on the control socket is too long");
  packet.resize(static_cast<std::size_t>(passed.got));
  Received received;
  received.fds = std::move(passed.fds);
  PH_TRY(received.message, decode(packet));
  return std::optional<Received>(std::move(received));
}

}  // namespace posthorn::proc
