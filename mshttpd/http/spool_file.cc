// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/spool_file.h"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace posthorn::mshttpd::http {

Status SpoolFile::open() {
  fd_ = UniqueFd(::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  return fd_ ? okStatus() : Status(errnoError(folder_));
}

Status SpoolFile::append(View bytes) {
  if (!fd_) PH_CHECK(open());
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errnoError("spool");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    octets_ += static_cast<std::uint64_t>(written);
  }
  return okStatus();
}

Result<UniqueFd> SpoolFile::take() {
  if (!fd_) PH_CHECK(open());
  if (::lseek(fd_.get(), 0, SEEK_SET) < 0) return errnoError("spool");
  return std::move(fd_);
}

}  // namespace posthorn::mshttpd::http
