// SPDX-License-Identifier: Apache-2.0
// LD_PRELOAD library: notes every call that changes or flushes a file below $POSTHORN_TRACE_ROOT, in their
// order, in $POSTHORN_TRACE. Calls are serialised, so a flush in the trace covers exactly the writes before
// it. Written without the base room: it lives inside other processes and must not allocate in the wrong
// place.
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "test/system/crash/trace.h"

using posthorn::crash::TraceHeader;
using posthorn::crash::TraceOp;

namespace {

std::recursive_mutex& mutex() {
  static auto* const made = new std::recursive_mutex;
  return *made;
}
using Guard = std::lock_guard<std::recursive_mutex>;

int traceFd() {
  static const int fd = [] {
    const char* path = std::getenv("POSTHORN_TRACE");  // NOLINT(concurrency-mt-unsafe)
    return path == nullptr ? -1
                           : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path,
                                                        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }();
  return fd;
}

const char* root() {
  static const char* const path = std::getenv("POSTHORN_TRACE_ROOT");  // NOLINT(concurrency-mt-unsafe)
  return path;
}

template <typename F>
F real(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

void emit(TraceOp op, std::uint64_t inode, std::uint64_t parent, std::uint64_t offset, std::uint64_t flags,
          const char* name, const void* data, std::uint64_t size) {
  if (traceFd() < 0) return;
  const int saved = errno;
  TraceHeader header{};
  header.op = op;
  header.inode = inode;
  header.parent = parent;
  header.offset = offset;
  header.flags = flags;
  header.nameSize = name == nullptr ? 0 : static_cast<std::uint32_t>(std::strlen(name));
  header.dataSize = size;
  iovec parts[3] = {
      {&header, sizeof header}, {const_cast<char*>(name), header.nameSize}, {const_cast<void*>(data), size}};
  if (::syscall(SYS_writev, traceFd(), parts, 3) < 0) std::abort();
  errno = saved;
}

// The path behind a descriptor, or behind (dir, name); below the root or nothing.
bool pathOf(int dir, const char* name, char* out) {
  if (root() == nullptr) return false;
  char raw[PATH_MAX];
  if (name == nullptr || name[0] != '/') {
    char link[64];
    if (dir == AT_FDCWD)
      std::snprintf(link, sizeof link, "/proc/self/cwd");
    else
      std::snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
    const ssize_t got = ::readlink(link, raw, sizeof raw - 1);
    if (got < 0) return false;
    raw[got] = '\0';
    if (name != nullptr) std::snprintf(raw + got, sizeof raw - static_cast<std::size_t>(got), "/%s", name);
  } else {
    std::snprintf(raw, sizeof raw, "%s", name);
  }
  if (std::strncmp(raw, root(), std::strlen(root())) != 0) return false;
  std::memcpy(out, raw, std::strlen(raw) + 1);
  return true;
}

struct Where {
  std::uint64_t parent = 0;
  char name[NAME_MAX + 1] = {};
};

bool whereIs(int dir, const char* name, Where& where) {
  char path[PATH_MAX];
  if (!pathOf(dir, name, path)) return false;
  char* slash = std::strrchr(path, '/');
  std::snprintf(where.name, sizeof where.name, "%s", slash + 1);
  *slash = '\0';
  struct stat info {};
  if (::stat(path, &info) != 0) return false;
  where.parent = info.st_ino;
  return true;
}

bool inodeOf(int fd, std::uint64_t& inode) {
  char path[PATH_MAX];
  struct stat info {};
  if (!pathOf(fd, nullptr, path) || ::fstat(fd, &info) != 0) return false;
  if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return false;
  inode = info.st_ino;
  return true;
}

int recordOpen(int dir, const char* name, int flags, mode_t mode) {
  const Guard guard(mutex());
  Where where;
  const bool creates = (flags & O_CREAT) != 0 && whereIs(dir, name, where);
  struct stat before {};
  const bool existed = creates && ::fstatat(dir, name, &before, 0) == 0;
  const int fd = static_cast<int>(::syscall(SYS_openat, dir, name, flags, mode));
  std::uint64_t inode = 0;
  if (fd >= 0 && creates && !existed && inodeOf(fd, inode))
    emit(TraceOp::Create, inode, where.parent, 0, 0, where.name, nullptr, 0);
  if (fd >= 0 && (flags & O_TRUNC) != 0 && inodeOf(fd, inode))
    emit(TraceOp::Truncate, inode, 0, 0, 0, nullptr, nullptr, 0);
  return fd;
}

void recordWrite(int fd, std::uint64_t offset, const void* data, std::uint64_t size) {
  std::uint64_t inode = 0;
  if (!inodeOf(fd, inode)) return;
  const int flags = ::fcntl(fd, F_GETFL);
  emit(TraceOp::Write, inode, 0, offset, (flags & O_DSYNC) != 0 ? 1 : 0, nullptr, data, size);
}

int recordMove(int fromDir, const char* from, int toDir, const char* to, unsigned flags) {
  const Guard guard(mutex());
  Where old;
  Where now;
  struct stat info {};
  const bool traced = whereIs(fromDir, from, old) && whereIs(toDir, to, now) &&
                      ::fstatat(fromDir, from, &info, AT_SYMLINK_NOFOLLOW) == 0;
  const int rc = static_cast<int>(::syscall(SYS_renameat2, fromDir, from, toDir, to, flags));
  if (rc == 0 && traced) {
    if (old.parent != now.parent) std::abort();  // the replayer knows renames inside of a directory only
    emit(TraceOp::Rename, info.st_ino, old.parent, 0, 0, old.name, now.name, std::strlen(now.name));
  }
  return rc;
}

int recordUnlink(int dir, const char* name, int flags) {
  const Guard guard(mutex());
  Where where;
  const bool traced = whereIs(dir, name, where);
  const int rc = static_cast<int>(::syscall(SYS_unlinkat, dir, name, flags));
  if (rc == 0 && traced) emit(TraceOp::Unlink, 0, where.parent, 0, 0, where.name, nullptr, 0);
  return rc;
}

int recordMkdir(int dir, const char* name, mode_t mode) {
  const Guard guard(mutex());
  Where where;
  const bool traced = whereIs(dir, name, where);
  const int rc = static_cast<int>(::syscall(SYS_mkdirat, dir, name, mode));
  struct stat info {};
  if (rc == 0 && traced && ::fstatat(dir, name, &info, 0) == 0)
    emit(TraceOp::Mkdir, info.st_ino, where.parent, 0, 0, where.name, nullptr, 0);
  return rc;
}

// A disk that lies about its flushes, for the proof that the simulator notices.
bool deaf() {
  static const bool value = std::getenv("POSTHORN_TRACE_DEAF") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  return value;
}

int recordFlush(int fd, long call) {
  const Guard guard(mutex());
  const int rc = static_cast<int>(::syscall(call, fd));
  std::uint64_t inode = 0;
  if (rc == 0 && !deaf() && inodeOf(fd, inode)) emit(TraceOp::Flush, inode, 0, 0, 0, nullptr, nullptr, 0);
  return rc;
}

mode_t modeOf(int flags, va_list& more) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
}

}  // namespace

// NOLINTBEGIN: these names and signatures are libc's
#define PH_OPEN(NAME)                               \
  int NAME(const char* path, int flags, ...) {      \
    va_list more;                                   \
    va_start(more, flags);                          \
    const mode_t mode = modeOf(flags, more);        \
    va_end(more);                                   \
    return recordOpen(AT_FDCWD, path, flags, mode); \
  }
#define PH_OPENAT(NAME)                                 \
  int NAME(int dir, const char* path, int flags, ...) { \
    va_list more;                                       \
    va_start(more, flags);                              \
    const mode_t mode = modeOf(flags, more);            \
    va_end(more);                                       \
    return recordOpen(dir, path, flags, mode);          \
  }

extern "C" {
PH_OPEN(open)
PH_OPEN(open64)
PH_OPENAT(openat)
PH_OPENAT(openat64)

ssize_t write(int fd, const void* data, size_t size) {
  const Guard guard(mutex());
  const off_t at = ::lseek(fd, 0, SEEK_CUR);
  const ssize_t put = ::syscall(SYS_write, fd, data, size);
  if (put > 0 && at >= 0)
    recordWrite(fd, static_cast<std::uint64_t>(at), data, static_cast<std::uint64_t>(put));
  return put;
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t offset) {
  const Guard guard(mutex());
  const ssize_t put = ::syscall(SYS_pwrite64, fd, data, size, offset);
  if (put > 0) recordWrite(fd, static_cast<std::uint64_t>(offset), data, static_cast<std::uint64_t>(put));
  return put;
}
ssize_t pwrite64(int fd, const void* data, size_t size, off_t offset) {
  return pwrite(fd, data, size, offset);
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {
  const Guard guard(mutex());
  const ssize_t put = ::syscall(SYS_pwritev, fd, parts, count, offset, 0L);
  if (put > 0) {
    // One call in the trace, too: the kernel fills a sector from all parts before it can go out.
    std::string all;
    for (int i = 0; i < count && all.size() < static_cast<size_t>(put); ++i)
      all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    recordWrite(fd, static_cast<std::uint64_t>(offset), all.data(), static_cast<std::uint64_t>(put));
  }
  return put;
}
ssize_t pwritev64(int fd, const iovec* parts, int count, off_t offset) {
  return pwritev(fd, parts, count, offset);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  const Guard guard(mutex());
  ssize_t total = 0;
  for (int i = 0; i < count; ++i) {
    const ssize_t put = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (put < 0) return total > 0 ? total : put;
    total += put;
    if (static_cast<size_t>(put) < parts[i].iov_len) break;
  }
  return total;
}

int ftruncate(int fd, off_t size) {
  const Guard guard(mutex());
  const int rc = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
  std::uint64_t inode = 0;
  if (rc == 0 && inodeOf(fd, inode))
    emit(TraceOp::Truncate, inode, 0, static_cast<std::uint64_t>(size), 0, nullptr, nullptr, 0);
  return rc;
}
int ftruncate64(int fd, off_t size) {
  return ftruncate(fd, size);
}

// Not used by the store; were it ever, the trace would be wrong without a word.
int fallocate(int fd, int mode, off_t offset, off_t size) {
  std::uint64_t inode = 0;
  if (inodeOf(fd, inode)) std::abort();
  return static_cast<int>(::syscall(SYS_fallocate, fd, mode, offset, size));
}
int msync(void* at, size_t size, int flags) {
  return static_cast<int>(::syscall(SYS_msync, at, size, flags));
}

int rename(const char* from, const char* to) {
  return recordMove(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int fromDir, const char* from, int toDir, const char* to) {
  return recordMove(fromDir, from, toDir, to, 0);
}
int renameat2(int fromDir, const char* from, int toDir, const char* to, unsigned flags) {
  return recordMove(fromDir, from, toDir, to, flags);
}
int unlink(const char* path) {
  return recordUnlink(AT_FDCWD, path, 0);
}
int unlinkat(int dir, const char* path, int flags) {
  return recordUnlink(dir, path, flags);
}
int rmdir(const char* path) {
  return recordUnlink(AT_FDCWD, path, AT_REMOVEDIR);
}
int mkdir(const char* path, mode_t mode) {
  return recordMkdir(AT_FDCWD, path, mode);
}
int mkdirat(int dir, const char* path, mode_t mode) {
  return recordMkdir(dir, path, mode);
}
int fsync(int fd) {
  return recordFlush(fd, SYS_fsync);
}
int fdatasync(int fd) {
  return recordFlush(fd, SYS_fdatasync);
}

/// Called by the workload (weakly linked): an acknowledgement at this point of the trace.
void posthornTraceAck(const char* line, std::size_t size) {
  const Guard guard(mutex());
  emit(TraceOp::Ack, 0, 0, 0, 0, nullptr, line, size);
}
}
// NOLINTEND
