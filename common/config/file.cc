// SPDX-License-Identifier: Apache-2.0
#include "common/config/file.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/config/yaml.h"

namespace posthorn::config {

namespace {

std::string directoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errnoError("the new configuration cannot be written");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status fill(int fd, const std::string& text, const struct stat& before) {
  struct stat now {};
  if (::fstat(fd, &now) != 0) return errnoError("the new configuration cannot be written");
  // Owner first: a change of owner may clear bits of the mode.
  if ((now.st_uid != before.st_uid || now.st_gid != before.st_gid) &&
      ::fchown(fd, before.st_uid, before.st_gid) != 0) {
    return errnoError("the new configuration cannot have the owner of the old one");
  }
  if (::fchmod(fd, before.st_mode & 07777) != 0) return errnoError("the mode cannot be kept");
  PH_CHECK(writeAll(fd, text));
  if (::fsync(fd) != 0) return errnoError("the new configuration cannot be written");
  return {};
}

}  // namespace

std::string resolvedPath(const std::string& path) {
  std::array<char, PATH_MAX> real{};
  return ::realpath(path.c_str(), real.data()) == nullptr ? path : real.data();
}

Result<FileText> readFile(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return errnoError("the file " + path + " cannot be read");
  FileText file;
  if (::fstat(fd.get(), &file.info) != 0) return errnoError("the file " + path + " cannot be read");
  if (S_ISDIR(file.info.st_mode)) return makeError(Errc::Invalid, path + " is a directory");
  std::array<char, 65536> piece{};
  while (file.text.size() <= yaml::kMaxBytes) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errnoError("the file " + path + " cannot be read");
    if (got == 0) break;
    file.text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return file;
}

Result<EditLock> EditLock::take(const std::string& path) {
  const std::string directory = directoryOf(resolvedPath(path));
  UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errnoError("the directory " + directory + " cannot be opened");
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return errnoError("the directory " + directory + " cannot be locked");
  }
  return EditLock(std::move(fd));
}

Status replaceFile(const std::string& path, const std::string& text, const FileText& before) {
  const std::string file = resolvedPath(path);
  std::string temporary = file + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return errnoError("no file can be made beside " + file);
  Status status = fill(fd.get(), text, before.info);
  if (status.ok() && ::rename(temporary.c_str(), file.c_str()) != 0)
    status = errnoError(file + " cannot be replaced");
  if (!status.ok()) {
    ::unlink(temporary.c_str());
    return status;
  }
  UniqueFd directory(::open(directoryOf(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) {
    return errnoError(file + " is replaced, but may be the old one after a power cut");
  }
  return {};
}

}  // namespace posthorn::config
