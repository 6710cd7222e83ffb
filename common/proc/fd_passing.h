// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <sys/socket.h>
#include <sys/types.h>

#include "common/base/unique_fd.h"

namespace posthorn::proc {

/// The most descriptors that go beside one packet.
inline constexpr std::size_t kMaxPassedFds = 128;

/// One sendmsg(2) on a Unix socket with copies of `fds` (at most kMaxPassedFds) beside `bytes`. Its result
/// and errno.
ssize_t sendWithFds(int socket, std::string_view bytes, std::span<const int> fds, int flags = MSG_NOSIGNAL);

struct Passed {
  ssize_t got = 0;            ///< as of recvmsg(2), with errno
  int flags = 0;              ///< MSG_TRUNC, MSG_CTRUNC
  std::vector<UniqueFd> fds;  ///< close-on-exec
};

/// One recvmsg(2) without waiting, tried again when a signal interrupts it.
Passed receiveWithFds(int socket, std::span<char> room);

}  // namespace posthorn::proc
