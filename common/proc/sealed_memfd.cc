// SPDX-License-Identifier: Apache-2.0
#include "common/proc/sealed_memfd.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace posthorn::proc {

Result<UniqueFd> sealedMemfd(const char* name, std::string_view bytes) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return errnoError("create a memfd");
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd.get(), bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errnoError("fill a memfd");
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    return errnoError("seal a memfd");
  return fd;
}

Result<std::string> readSealed(int fd, std::size_t limit) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0) return errnoError("read the seals of a memfd");
  if ((seals & F_SEAL_WRITE) == 0 || (seals & F_SEAL_SHRINK) == 0)
    return makeError(Errc::Denied, "a memfd is not sealed");
  struct stat info {};
  if (::fstat(fd, &info) != 0) return errnoError("size of a memfd");
  if (static_cast<std::uint64_t>(info.st_size) > limit)
    return makeError(Errc::TooBig, "a memfd is too large");
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::pread(fd, bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return errnoError("read a memfd");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace posthorn::proc
