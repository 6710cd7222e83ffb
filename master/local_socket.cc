// SPDX-License-Identifier: Apache-2.0
#include "master/local_socket.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/proc/folder.h"

namespace posthorn::master {
namespace {

int typeOf(bool packets) {
  return (packets ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
}

/// False only when the kernel says that nobody listens: a full backlog is somebody, too.
bool listened(const sockaddr_un& address, bool packets) {
  const UniqueFd probe(::socket(AF_UNIX, typeOf(packets), 0));
  if (!probe) return true;
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  return errno != ECONNREFUSED && errno != ENOENT;
}

Status makeRoom(const UniqueFd& folder, const std::string& name, const std::string& path,
                const sockaddr_un& address, bool packets) {
  struct stat info {};
  if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return okStatus();
  if (!S_ISSOCK(info.st_mode)) return makeError(Errc::Exists, path + " is there and is no socket: remove it");
  if (listened(address, packets)) return makeError(Errc::Exists, "another program listens on " + path);
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0) return errnoError("remove the old " + path);
  return okStatus();
}

}  // namespace

SocketFile::~SocketFile() {
  if (!folder_) return;
  struct stat info {};
  if (::fstatat(folder_.get(), name_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_dev == device_ &&
      info.st_ino == inode_)
    ::unlinkat(folder_.get(), name_.c_str(), 0);
}

Result<LocalListener> listenLocal(const std::string& path, bool packets, mode_t mode, int backlog) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash + 1 == path.size() || path.front() != '/')
    return makeError(Errc::Invalid, path + " is no absolute path of a socket");
  PH_TRY(UniqueFd folder, proc::openFolder(slash == 0 ? "/" : path.substr(0, slash)));
  const std::string name = path.substr(slash + 1);
  const std::string place = proc::pathIn(folder, name);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // Clients come by the path itself.
  if (place.size() >= sizeof address.sun_path || path.size() >= sizeof address.sun_path)
    return makeError(Errc::Invalid, "the path of a socket has 107 bytes at most: " + path);
  std::memcpy(address.sun_path, place.data(), place.size());
  PH_CHECK(makeRoom(folder, name, path, address, packets));
  UniqueFd fd(::socket(AF_UNIX, typeOf(packets), 0));
  if (!fd) return errnoError("make the socket " + path);
  const mode_t mask = ::umask(~mode & 0777U);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int failed = errno;
  ::umask(mask);
  if (bound != 0) return errnoError(failed, "bind " + path);
  struct stat made {};
  if (::fstatat(folder.get(), name.c_str(), &made, AT_SYMLINK_NOFOLLOW) != 0)
    return errnoError("look at " + path);
  SocketFile file(std::move(folder), name, made);
  if (::listen(fd.get(), backlog) != 0) return errnoError("listen on " + path);
  return LocalListener{std::move(fd), std::move(file)};
}

}  // namespace posthorn::master
