// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/proc/folder.h"
#include "master/instance.h"

namespace posthorn::master {
namespace {

constexpr const char* kLogFile = "posthorn.log";

/// The foreground half: shows what the daemon says. Its first byte is the exit status.
[[noreturn]] void awaitDaemon(int fd) {
  std::string text;
  std::array<char, 4096> chunk{};
  while (true) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  if (text.empty()) {
    std::fputs("master: ended before it was ready; its log says why\n", stderr);
    ::_exit(EXIT_FAILURE);
  }
  const int status = static_cast<unsigned char>(text.front());
  std::fputs(text.substr(1).c_str(), status == 0 ? stdout : stderr);
  std::fflush(stdout);
  ::_exit(status);
}

/// Only a plain file with one name: a link that somebody laid there is not written to.
Result<UniqueFd> openLog(const config::Snapshot& config, const proc::RunAs& user) {
  const std::string& directory = config.get<"log.directory">();
  PH_TRY(const UniqueFd folder, proc::makeFolder(directory, &user, 0750));
  UniqueFd fd(::openat(folder.get(), kLogFile,
                       O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0640));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return errnoError("open " + directory + "/" + kLogFile);
  if (!S_ISREG(info.st_mode) || info.st_nlink != 1)
    return makeError(Errc::Denied, directory + "/" + kLogFile + " is no plain file");
  return fd;
}

}  // namespace

Result<Daemon> Daemon::detach() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errnoError("make a pipe");
  UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return errnoError("fork");
  if (pid > 0) {
    writing.reset();
    awaitDaemon(reading.get());
  }
  ::setsid();
  return Daemon(std::move(writing));
}

void Daemon::letGo(const config::Snapshot& config, const proc::RunAs& user) {
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(null.get(), STDIN_FILENO);
  if (reopenLog(config, user).ok()) return;
  ::dup2(null.get(), STDOUT_FILENO);
  ::dup2(null.get(), STDERR_FILENO);
}

Status Daemon::reopenLog(const config::Snapshot& config, const proc::RunAs& user) {
  PH_TRY(const UniqueFd log, openLog(config, user));
  if (::dup2(log.get(), STDOUT_FILENO) < 0 || ::dup2(log.get(), STDERR_FILENO) < 0)
    return errnoError("open the log anew");
  return okStatus();
}

void Daemon::report(int status, const std::string& text) {
  if (!fd_) return;
  const std::string message = static_cast<char>(status) + text + "\n";
  static_cast<void>(!::write(fd_.get(), message.data(), message.size()));
  fd_.reset();
}

}  // namespace posthorn::master
