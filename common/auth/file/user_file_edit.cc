// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/user_file_edit.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auth/file/file_directory.h"
#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

constexpr std::string_view kHeader =
    "# Users of Posthorn, one a line: name:hash:key=value... Edit it with msuser, or by hand when msuser is\n"
    "# not running. A name is the canonical id that owns the mailboxes.\n";

Result<UniqueFd> takeLock(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600));
  if (fd.get() < 0) return errnoError("cannot open the lock " + path);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  while (fcntl(fd.get(), F_OFD_SETLKW, &lock) != 0)
    if (errno != EINTR) return errnoError("cannot lock " + path);
  return fd;
}

Status writeAll(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errnoError("cannot write " + path);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return okStatus();
}

Status syncFolder(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return errnoError("cannot flush " + folder);
  return okStatus();
}

}  // namespace

Result<UserFileEdit> UserFileEdit::open(const std::string& path, Missing missing,
                                        std::optional<Owner> owner) {
  UserFileEdit edit;
  edit.path_ = path;
  edit.owner_ = owner;
  struct stat info {};
  const bool there = stat(path.c_str(), &info) == 0;
  if (!there && errno != ENOENT) return errnoError("cannot look at " + path);
  if (!there && missing == Missing::IsError)
    return makeError(Errc::NotFound, "there is no user file " + path);
  PH_TRY(edit.lock_, takeLock(path + ".lock"));
  // Looked at again: who held the lock may have made or replaced it.
  std::string content(kHeader);
  if (stat(path.c_str(), &info) == 0) {
    if (geteuid() != 0 && info.st_uid != geteuid())
      return makeError(Errc::Denied, path + " belongs to uid " + std::to_string(info.st_uid) +
                                         ": run this as that user or as root");
    edit.mode_ = info.st_mode & 07777;
    edit.owner_ = Owner{info.st_uid, info.st_gid};
    auto file = readUserFile(path);
    if (!file) return std::move(file).error();
    if (!file->text.empty()) content = std::move(file->text);
  }
  for (const std::string_view line : ascii::split(content, '\n')) edit.lines_.emplace_back(line);
  if (edit.lines_.back().empty()) edit.lines_.pop_back();
  edit.index();
  return edit;
}

void UserFileEdit::index() {
  kept_.assign(lines_.size(), true);
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (const std::string_view name = nameOfLine(lines_[i]); !name.empty())
      index_[std::string(name)].push_back(i);
}

bool UserFileEdit::has(std::string_view name) const {
  return index_.find(std::string(name)) != index_.end();
}

Result<std::string> UserFileEdit::line(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  if (found == index_.end()) return makeError(Errc::NotFound, "no such user: " + ascii::printable(name));
  if (found->second.size() > 1)
    return makeError(Errc::Conflict, ascii::printable(name) + " stands on lines " +
                                         std::to_string(found->second[0] + 1) + " and " +
                                         std::to_string(found->second[1] + 1) + ": mend the file by hand");
  return lines_[found->second.front()];
}

Status UserFileEdit::add(const std::string& line) {
  std::string name(nameOfLine(line));
  if (has(name)) return makeError(Errc::Exists, "there is already a " + ascii::printable(name));
  index_[name].push_back(lines_.size());
  lines_.push_back(line);
  kept_.push_back(true);
  touched_.push_back(std::move(name));
  return okStatus();
}

Status UserFileEdit::replace(const std::string& line) {
  std::string name(nameOfLine(line));
  PH_CHECK(this->line(name));
  lines_[index_[name].front()] = line;
  touched_.push_back(std::move(name));
  return okStatus();
}

Status UserFileEdit::remove(std::string_view name) {
  PH_CHECK(line(name));
  const auto found = index_.find(std::string(name));
  kept_[found->second.front()] = false;
  index_.erase(found);
  return okStatus();
}

std::string UserFileEdit::text() const {
  std::string out;
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (kept_[i]) out.append(lines_[i]).push_back('\n');
  return out;
}

Status UserFileEdit::check(const UserTable& table) const {
  for (const std::string& name : touched_) {
    if (!has(name)) continue;
    if (name.front() == '@') {
      PH_CHECK(table.domain(std::string_view(name).substr(1)));
      continue;
    }
    const auto user = table.user(name);
    if (!user) return makeError(Errc::Invalid, ascii::printable(name) + ": " + user.error().text);
    for (const std::string& address : user->account.mail)
      if (!table.userByAddress(address))
        return makeError(Errc::Invalid, ascii::printable(name) + ": " + ascii::printable(address) +
                                            " is the address of another user too");
  }
  return okStatus();
}

Status UserFileEdit::commit() {
  std::string whole = text();
  if (whole.empty()) whole = kHeader;  // an empty file would be taken for one that is being written
  if (whole.size() > kMaxUserFile) return makeError(Errc::TooBig, "the user file would become too large");
  const UserTable table(whole);
  PH_CHECK(check(table));
  return write(whole);
}

Status UserFileEdit::write(const std::string& text) const {
  // One name, because the lock is ours: what a killed writer left is in nobody's way and does not pile up.
  const std::string next = path_ + ".new";
  unlink(next.c_str());
  UniqueFd fd(::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) return errnoError("cannot make " + next);
  const auto fill = [&]() -> Status {
    // Owner before mode: chown takes bits away, and nobody else may read it before it is ours to give.
    if (owner_ && (geteuid() == 0 || owner_->gid != getegid()) &&
        fchown(fd.get(), owner_->uid, owner_->gid) != 0)
      return errnoError("cannot give " + next + " its owner");
    if (fchmod(fd.get(), mode_) != 0) return errnoError("cannot set the mode of " + next);
    PH_CHECK(writeAll(fd.get(), text, next));
    if (fsync(fd.get()) != 0) return errnoError("cannot flush " + next);
    if (rename(next.c_str(), path_.c_str()) != 0) return errnoError("cannot replace " + path_);
    return okStatus();
  };
  if (Status status = fill(); !status) {
    unlink(next.c_str());
    return status;
  }
  return syncFolder(path_);
}

}  // namespace posthorn::auth
