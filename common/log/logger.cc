// SPDX-License-Identifier: Apache-2.0
#include "common/log/logger.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/locked.h"
#include "common/base/unique_fd.h"
#include "common/log/line.h"

namespace posthorn::log {

namespace {

/// Where lines go; replaced as a whole by configure, so that a writer in another thread keeps its file open
/// until its line is out.
struct Sink {
  Settings settings;
  std::string host;
  UniqueFd fd;  ///< empty for stderr
};

std::string hostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

std::shared_ptr<const Sink> initialSink() {
  auto sink = std::make_shared<Sink>();
  sink->host = hostName();
  return sink;
}

Locked<std::shared_ptr<const Sink>>& current() {
  static Locked<std::shared_ptr<const Sink>> sink(initialSink());
  return sink;
}

std::atomic<Level> loudest{Level::Notice};

Stamp stampOf(const Sink& sink) {
  Stamp stamp;
  ::clock_gettime(CLOCK_REALTIME, &stamp.time);
  stamp.host = sink.host;
  stamp.process = sink.settings.process;
  stamp.pid = ::getpid();
  return stamp;
}

bool writeWhole(int fd, std::string_view line) {
  // One write(2): with O_APPEND the lines of several processes never mix. Only a signal before the first byte
  // repeats it; the rest of a line that a full disk cut would arrive as a line of its own.
  ssize_t written = 0;
  do {
    written = ::write(fd, line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(line.size());
}

Result<UniqueFd> openFile(const Settings& settings) {
  if (settings.directory.empty())
    return makeError(Errc::Invalid, "the log target is a file, but no directory is set");
  struct stat info {};
  if (::stat(settings.directory.c_str(), &info) != 0) {
    return errnoError("the log directory " + settings.directory + " cannot be used");
  }
  if (!S_ISDIR(info.st_mode)) {
    return makeError(Errc::Invalid, "the log directory " + settings.directory + " is not a directory");
  }
  const std::string path = settings.directory + "/" + settings.process;
  // Not blocking: a FIFO in this place, which belongs to server.user, must not hold master up.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
  UniqueFd fd(::open(path.c_str(), kFlags, 0640));
  if (!fd) return errnoError("the log file " + path + " cannot be opened");
  if (::fstat(fd.get(), &info) != 0 || S_ISFIFO(info.st_mode))
    return makeError(Errc::Invalid, "the log file " + path + " is a FIFO: whoever reads it could hold us up");
  if (S_ISREG(info.st_mode) && info.st_nlink > 1)
    return makeError(Errc::Invalid,
                     "the log file " + path + " has a second name: it may be another file of root's");
  return fd;
}

Result<UniqueFd> openJournal(const Settings& settings) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (settings.journalSocket.size() >= sizeof address.sun_path) {
    return makeError(Errc::Invalid, "the journal's socket has too long a name");
  }
  std::memcpy(address.sun_path, settings.journalSocket.c_str(), settings.journalSocket.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return errnoError("no socket for the journal");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return errnoError("the systemd journal does not answer at " + settings.journalSocket);
  }
  return fd;
}

void writeCreated(const Sink& sink) {
  struct stat info {};
  if (sink.settings.format != Format::Classic || ::fstat(sink.fd.get(), &info) != 0 || info.st_size != 0)
    return;
  writeWhole(sink.fd.get(), createdLine(stampOf(sink)));
}

void emit(const Sink& sink, const Message& message, std::span<const Field> fields) {
  const Stamp stamp = stampOf(sink);
  if (sink.settings.target == Target::Journal) {
    const std::string entry = journalEntry(stamp, message, fields);
    if (::send(sink.fd.get(), entry.data(), entry.size(), MSG_NOSIGNAL) >= 0) return;
  } else if (sink.settings.target == Target::File) {
    if (writeWhole(sink.fd.get(), formatLine(sink.settings.format, stamp, message, fields))) return;
  }
  // Better a line in the wrong place than none: a full disk or a journal that went away must not hide why.
  writeWhole(STDERR_FILENO, formatLine(sink.settings.format, stamp, message, fields));
}

}  // namespace

Status configure(const Settings& settings) {
  auto sink = std::make_shared<Sink>();
  sink->settings = settings;
  sink->host = settings.host.empty() ? hostName() : settings.host;
  if (settings.target == Target::File) {
    PH_TRY(sink->fd, openFile(settings));
    writeCreated(*sink);
  } else if (settings.target == Target::Journal) {
    PH_TRY(sink->fd, openJournal(settings));
  }
  loudest.store(settings.level, std::memory_order_relaxed);
  current().with([&](std::shared_ptr<const Sink>& now) { now = std::move(sink); });
  return {};
}

bool enabled(Level level) {
  return level != Level::Nolog && level <= loudest.load(std::memory_order_relaxed);
}

void write(const Message& message, std::initializer_list<Field> fields) {
  write(message, std::span<const Field>(fields.begin(), fields.size()));
}

void write(const Message& message, std::span<const Field> fields) {
  if (!enabled(message.level)) return;
  const int before = errno;
  try {
    const auto sink = current().with([](std::shared_ptr<const Sink>& now) { return now; });
    emit(*sink, message, fields);
  } catch (...) {  // no memory for the line; there is nobody left to tell
    static constexpr std::string_view kLost = "posthorn: a log line was lost, out of memory\n";
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, kLost.data(), kLost.size());
  }
  errno = before;
}

}  // namespace posthorn::log
