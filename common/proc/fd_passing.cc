// SPDX-License-Identifier: Apache-2.0
#include "common/proc/fd_passing.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/assert.h"

namespace posthorn::proc {
namespace {

using Control = std::array<char, CMSG_SPACE(sizeof(int) * kMaxPassedFds)>;

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

ssize_t sendWithFds(int socket, std::string_view bytes, std::span<const int> fds, int flags) {
  PH_ASSERT(fds.size() <= kMaxPassedFds);
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) Control control{};
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
  return ::sendmsg(socket, &header, flags);
}

Passed receiveWithFds(int socket, std::span<char> room) {
  iovec part{room.data(), room.size()};
  alignas(cmsghdr) Control control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  Passed passed;
  do {
    passed.got = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (passed.got < 0 && errno == EINTR);
  if (passed.got < 0) return passed;
  passed.flags = header.msg_flags;
  passed.fds = takeFds(header);
  return passed;
}

}  // namespace posthorn::proc
