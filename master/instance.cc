// SPDX-License-Identifier: Apache-2.0
#include "master/instance.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/log/logger.h"
#include "common/proc/control.h"
#include "common/proc/folder.h"

namespace posthorn::master {
namespace {

constexpr std::chrono::seconds kLockPatience{2};
constexpr const char* kPidFile = "master.pid";

/// Who we are, to say it.
std::string ownName() {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return entry.pw_name;
  return "uid " + std::to_string(::geteuid());
}

std::string readShort(int fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid;
}

/// False when the file was unlinked by the master that held it before.
bool isAt(int fd, const UniqueFd& folder) {
  struct stat open {};
  struct stat named {};
  return ::fstat(fd, &open) == 0 && ::fstatat(folder.get(), kPidFile, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace

Result<Instance> Instance::take(const config::Snapshot& config) {
  PH_TRY(UniqueFd folder, proc::makeFolder(config.get<"server.rundir">(), nullptr, 0755));
  const std::string path = proc::pidFilePath(config);
  // A master that ends gives the lock up last; whoever starts one right after its stop need not know that.
  const Steady deadline = Clock::system().steady() + kLockPatience;
  while (true) {
    UniqueFd fd(
        ::openat(folder.get(), kPidFile, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0644));
    if (!fd) return errnoError("open " + path);
    struct stat info {};
    // A second name of another file of root's is not written to.
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_nlink > 1)
      return makeError(Errc::Denied, path + " is no plain file: remove it");
    const bool locked = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno != EWOULDBLOCK) return errnoError("lock " + path);
    if (locked && isAt(fd.get(), folder)) return Instance(path, std::move(folder), std::move(fd));
    if (Clock::system().steady() >= deadline)
      return makeError(Errc::Exists,
                       "master is already running for this instance (pid " + readShort(fd.get()) + ")");
    ::usleep(20'000);
  }
}

Instance::~Instance() {
  // Unlinked while the lock is held: nobody can have locked the same file meanwhile.
  if (fd_) ::unlinkat(folder_.get(), kPidFile, 0);
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
  const std::string me = ownName();
  return makeError(Errc::Denied, "server.user is " + user.name + " but this is " + me +
                                     ": start master as root or as " + user.name +
                                     ", or set server.user to " + me);
}

Status makeDirectory(const std::string& path, const proc::RunAs& user) {
  const auto made = proc::makeFolder(path, &user, 0750);
  return made.ok() ? okStatus() : Status(made.error());
}

Status configureLog(const config::Snapshot& config, const proc::RunAs& user) {
  log::Settings settings = config.logging(std::nullopt);
  if (settings.target != log::Target::File) return log::configure(settings);
  // Opened below the folder itself, which may belong to a less trusted user.
  const std::string directory = settings.directory;
  PH_TRY(const UniqueFd folder, proc::makeFolder(directory, &user, 0750));
  settings.directory = proc::pathIn(folder, ".");
  Status done = log::configure(settings);
  if (!done.ok()) return makeError(done.error().code, directory + ": " + done.error().text);
  return done;
}

}  // namespace posthorn::master
