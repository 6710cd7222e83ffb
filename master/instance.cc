// SPDX-License-Identifier: Apache-2.0
#include "master/instance.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/proc/control.h"

namespace posthorn::master {
namespace {

constexpr std::chrono::seconds kLockPatience{2};

Status makeParents(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string parent = path.substr(0, at);
    if (::mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) return errnoError("make " + parent);
  }
  return okStatus();
}

std::string readShort(int fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid;
}

/// False when the file was unlinked by the master that held it before.
bool isAt(int fd, const std::string& path) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd, &open) == 0 && ::lstat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

}  // namespace

Result<Instance> Instance::take(const config::Snapshot& config) {
  const std::string directory = config.get<"server.rundir">();
  PH_CHECK(makeParents(directory + "/"));
  const std::string path = proc::pidFilePath(config);
  // A master that ends gives the lock up last; whoever starts one right after its stop need not know that.
  const Steady deadline = Clock::system().steady() + kLockPatience;
  while (true) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644));
    if (!fd) return errnoError("open " + path);
    const bool locked = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno != EWOULDBLOCK) return errnoError("lock " + path);
    if (locked && isAt(fd.get(), path)) return Instance(path, std::move(fd));
    if (Clock::system().steady() >= deadline)
      return makeError(Errc::Exists,
                       "master is already running for this instance (pid " + readShort(fd.get()) + ")");
    ::usleep(20'000);
  }
}

Instance::~Instance() {
  // Unlinked while the lock is held: nobody can have locked the same file meanwhile.
  if (fd_) ::unlink(path_.c_str());
}

Status Instance::writePid() {
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_.get(), 0) != 0 ||
      ::pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return errnoError("write " + path_);
  return okStatus();
}

Result<proc::RunAs> workersUser(const config::Snapshot& config) {
  PH_TRY(proc::RunAs user, proc::findUser(config.get<"server.user">()));
  if (::geteuid() == 0 || proc::alreadyRunsAs(user)) return user;
  const passwd* self = ::getpwuid(::geteuid());
  const std::string me = self != nullptr ? self->pw_name : std::to_string(::geteuid());
  return makeError(Errc::Denied, "server.user is " + user.name + " but this is " + me +
                                     ": start master as root or as " + user.name +
                                     ", or set server.user to " + me);
}

Status makeDirectory(const std::string& path, const proc::RunAs& user) {
  PH_CHECK(makeParents(path));
  if (::mkdir(path.c_str(), 0750) != 0)
    return errno == EEXIST ? okStatus() : Status(errnoError("make " + path));
  if (::geteuid() != 0) return okStatus();
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd || ::fchown(fd.get(), user.uid, user.gid) != 0) return errnoError("hand over " + path);
  return okStatus();
}

}  // namespace posthorn::master
