// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/files.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace posthorn::store::embedded {

static constexpr std::size_t kMaxParts = 1000;  // IOV_MAX is 1024

Result<UniqueFd> openAt(int dir, const std::string& name, int flags) {
  UniqueFd fd(::openat(dir, name.c_str(), flags | O_CLOEXEC, 0600));
  if (!fd) return errnoError("open " + name);
  return fd;
}

Result<UniqueFd> openDir(int dir, const std::string& name) {
  return openAt(dir, name, O_RDONLY | O_DIRECTORY);
}

Status writeAll(int fd, std::uint64_t offset, View bytes) {
  return writeParts(fd, offset, {iovec{const_cast<char*>(bytes.data()), bytes.size()}});
}

static void dropWritten(std::vector<iovec>& parts, std::size_t& first, std::size_t bytes) {
  while (first < parts.size() && bytes >= parts[first].iov_len) bytes -= parts[first++].iov_len;
  if (bytes == 0) return;
  parts[first].iov_base = static_cast<char*>(parts[first].iov_base) + bytes;
  parts[first].iov_len -= bytes;
}

Status writeParts(int fd, std::uint64_t offset, std::vector<iovec> parts) {
  std::size_t first = 0;
  while (first < parts.size()) {
    const auto count = static_cast<int>(std::min(parts.size() - first, kMaxParts));
    const ssize_t put = ::pwritev(fd, parts.data() + first, count, static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errnoError("write segment");
    offset += static_cast<std::uint64_t>(put);
    dropWritten(parts, first, static_cast<std::size_t>(put));
  }
  return {};
}

Result<Bytes> readSome(int fd, std::uint64_t offset, std::size_t size) {
  Bytes out(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd, out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errnoError("read segment");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  out.resize(done);
  return out;
}

Result<std::uint64_t> fileSize(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return errnoError("stat segment");
  return static_cast<std::uint64_t>(info.st_size);
}

Status flushData(int fd) {
  if (::fdatasync(fd) != 0) return errnoError("flush segment");
  return {};
}

Status flushDir(int dir) {
  if (::fsync(dir) != 0) return errnoError("flush directory");
  return {};
}

Result<bool> makeDir(int dir, const std::string& name) {
  if (::mkdirat(dir, name.c_str(), 0700) == 0) return true;
  if (errno == EEXIST) return false;
  return errnoError("make directory " + name);
}

Result<std::vector<std::string>> listDir(int dir) {
  PH_TRY(UniqueFd copy, openDir(dir, "."));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy.get()), &::closedir);
  if (!stream) return errnoError("list directory");
  static_cast<void>(copy.release());
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): the stream is ours alone
    if (entry == nullptr) break;
    const View name(static_cast<const char*>(entry->d_name));
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return errnoError("list directory");
  return names;
}

Status removeTree(int dir, const std::string& name) {
  if (::unlinkat(dir, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return errnoError("remove " + name);
  {
    const auto inside = openAt(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!inside.ok() && inside.error().code == Errc::NotFound) return {};  // another process was quicker
    if (!inside.ok()) return inside.error();
    PH_TRY(const auto names, listDir(inside->get()));
    for (const auto& entry : names) PH_CHECK(removeTree(inside->get(), entry));
  }
  if (::unlinkat(dir, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
    return errnoError("remove " + name);
  return {};
}

Result<bool> tryLock(int fd, LockMode mode) {
  const int operation = (mode == LockMode::Shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  for (;;) {
    if (::flock(fd, operation) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return errnoError("lock");
  }
}

}  // namespace posthorn::store::embedded
