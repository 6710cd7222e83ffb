// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/tree.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/base/ascii.h"

namespace posthorn::migrate {

namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

Error notOurs(const std::string& name, const char* why) {
  return makeError(Errc::Unsupported, ascii::printable(name) + " is " + why + ", which is not followed");
}

Error failed(const std::string& name) {
  const int number = errno;
  if (number == ELOOP) return notOurs(name, "a symbolic link");
  if (number == ENOTDIR) return notOurs(name, "no directory");
  if (number == ENXIO || number == ENODEV) return notOurs(name, "no regular file");
  if (number == EPERM) return errnoError(EACCES, "open " + ascii::printable(name));
  return errnoError(number, "open " + ascii::printable(name));
}

/// A name of one level, which cannot lead anywhere else.
bool isPlain(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

Result<std::size_t> SourceFile::read(std::uint64_t offset, char* out, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const auto got = ::pread(fd_.get(), out + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errnoError("read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Status SourceFile::each(std::uint64_t from, std::uint64_t to, const std::function<Status(View)>& sink) const {
  std::string piece(kPiece, '\0');
  while (from < to) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, to - from));
    PH_TRY(const std::size_t got, read(from, piece.data(), wanted));
    if (got == 0) return {};
    PH_CHECK(sink(View(piece).substr(0, got)));
    from += got;
  }
  return {};
}

Result<std::string> SourceFile::all(std::uint64_t most) const {
  if (size() > most) return makeError(Errc::TooBig, "the file is larger than such files are");
  std::string text;
  text.reserve(static_cast<std::size_t>(size()));
  PH_CHECK(each(0, most, [&](View piece) -> Status {
    text.append(piece);
    return {};
  }));
  return text;
}

Status SourceFile::lock() {
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(fd_.get(), F_OFD_SETLK, &lock) == 0) return {};
  if (errno == EAGAIN || errno == EACCES) return makeError(Errc::Busy, "somebody writes to it");
  return errnoError("lock");
}

Result<bool> SourceFile::unchanged() const {
  struct stat now {};
  if (::fstat(fd_.get(), &now) != 0) return errnoError("stat");
  return now.st_size == facts_.st_size && now.st_mtim.tv_sec == facts_.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == facts_.st_mtim.tv_nsec;
}

/// Goes along `path`, level by level.
static Result<UniqueFd> walk(const std::string& path) {
  constexpr int kMostLinks = 40;
  std::vector<std::string> rest = {path};
  UniqueFd at(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (int links = 0; !rest.empty() && at;) {
    std::string text = std::move(rest.back());
    rest.pop_back();
    if (text[0] == '/') at.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const auto begin = std::min(text.find_first_not_of('/'), text.size());
    const auto end = std::min(text.find('/', begin), text.size());
    const std::string name = text.substr(begin, end - begin);
    if (end < text.size())
      rest.push_back(text.substr(std::min(text.find_first_not_of('/', end), text.size())));
    if (!rest.empty() && rest.back().empty()) rest.pop_back();
    if (name.empty()) continue;
    UniqueFd next(::openat(at.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat facts {};
    if (!next || ::fstat(next.get(), &facts) != 0) return failed(path);
    if (!S_ISLNK(facts.st_mode)) {
      at = std::move(next);
      continue;
    }
    if (++links > kMostLinks || (facts.st_uid != 0 && facts.st_uid != ::geteuid()))
      return notOurs(path, "at or below a symbolic link of another user");
    std::string target(PATH_MAX, '\0');
    const auto length = ::readlinkat(next.get(), "", target.data(), target.size());
    if (length <= 0) return failed(path);
    target.resize(static_cast<std::size_t>(length));
    rest.push_back(std::move(target));
  }
  if (!at) return failed(path);
  return at;
}

Result<Directory> Directory::open(const std::string& path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return makeError(Errc::NotFound, "no path is named");
  PH_TRY(const UniqueFd at, walk(path));
  UniqueFd fd(::openat(at.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return failed(path);
  return Directory(std::move(fd));
}

Result<Directory> Directory::again() const {
  UniqueFd fd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  if (!fd) return errnoError("duplicate a descriptor");
  return Directory(std::move(fd));
}

Result<Directory> Directory::directory(const std::string& name) const {
  if (!isPlain(name)) return makeError(Errc::Invalid, "not a name in a directory");
  UniqueFd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) {
    struct stat facts {};
    const int number = errno;
    // A link to a directory is ENOTDIR here.
    const bool link =
        ::fstatat(fd_.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(facts.st_mode);
    errno = link ? ELOOP : number;
    return failed(name);
  }
  return Directory(std::move(fd));
}

Result<SourceFile> Directory::file(const std::string& name) const {
  if (!isPlain(name)) return makeError(Errc::Invalid, "not a name in a directory");
  // Without O_NONBLOCK a FIFO would keep us for ever.
  UniqueFd fd(::openat(fd_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return failed(name);
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) return failed(name);
  if (!S_ISREG(facts.st_mode)) return notOurs(name, "no regular file");
  return SourceFile(std::move(fd), facts);
}

bool Directory::has(const std::string& name) const {
  struct stat facts {};
  return isPlain(name) && ::fstatat(fd_.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

Status Directory::each(const std::function<void(const Entry&)>& row) const {
  // A descriptor of its own: the position in it is shared by copies.
  UniqueFd fd(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return failed(".");
  const std::unique_ptr<DIR, CloseDir> dir(::fdopendir(fd.get()));
  if (!dir) return failed(".");
  static_cast<void>(fd.release());
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());  // NOLINT(concurrency-mt-unsafe): the stream is ours
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") row({name, entry->d_type});
  }
  return errno == 0 ? Status() : Status(errnoError("read a directory"));
}

}  // namespace posthorn::migrate
