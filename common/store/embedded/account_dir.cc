// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/account_dir.h"

#include <cerrno>
#include <chrono>
#include <cstdio>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/store/embedded/segment.h"

namespace posthorn::store::embedded {

// Long enough for a rebuild of an ordinary account, short enough for a session to wait.
static constexpr int kLockTries = 300;
static constexpr int kLockPauseMillis = 10;
static const std::string kAsidePrefix = ".aside-";
static const std::string kDraftPrefix = ".draft-";

static Status waitForLock(int fd, LockMode mode) {
  for (int i = 0; i < kLockTries; ++i) {
    PH_TRY(const bool locked, tryLock(fd, mode));
    if (locked) return {};
    ::poll(nullptr, 0, kLockPauseMillis);
  }
  return makeError(Errc::Busy, mode == LockMode::Exclusive ? "store: the account is open in another process"
                                                           : "store: the account is being rebuilt");
}

Result<AccountDir::Identity> AccountDir::identify(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errnoError("account " + path);
  return Identity{info.st_dev, info.st_ino};
}

Result<AccountDir::Identity> AccountDir::identity() const {
  struct stat info {};
  if (::fstat(dir.get(), &info) != 0) return errnoError("account " + path);
  return Identity{info.st_dev, info.st_ino};
}

bool AccountDir::gone() const {
  struct stat info {};
  return ::fstat(dir.get(), &info) == 0 && info.st_nlink == 0;
}

Result<AccountDir> AccountDir::open(const std::string& path, LockMode mode) {
  for (;;) {
    AccountDir account;
    account.path = path;
    PH_TRY(account.dir, openDir(AT_FDCWD, path));
    PH_CHECK(waitForLock(account.dir.get(), mode));
    PH_TRY(const Identity here, account.identity());
    PH_TRY(const Identity there, identify(path));
    if (here != there) continue;  // removed while we waited, and made anew
    PH_TRY(account.log, openDir(account.dir.get(), "log"));
    return account;
  }
}

Status AccountDir::relock(LockMode mode) {
  return waitForLock(dir.get(), mode);
}

// Makes each directory of `relative` but the last, flushing every parent that gained a name.
static Result<std::string> makeParents(const std::string& root, const std::string& relative) {
  std::string done = root;
  for (std::size_t at = 0;;) {
    const std::size_t slash = relative.find('/', at);
    if (slash == std::string::npos) return done;
    PH_TRY(const UniqueFd parent, openDir(AT_FDCWD, done));
    const std::string name = relative.substr(at, slash - at);
    PH_TRY(const bool made, makeDir(parent.get(), name));
    if (made) PH_CHECK(flushDir(parent.get()));
    done += "/" + name;
    at = slash + 1;
  }
}

static Status fillDraft(int draft) {
  PH_CHECK(makeDir(draft, "log"));
  PH_TRY(const UniqueFd log, openDir(draft, "log"));
  SegmentHeader header;
  header.number = 1;
  header.salt = randomNonce();
  header.account = Id128::random();
  header.lsn = 1;
  PH_TRY(const SegmentPtr segment, createSegment(log.get(), header));
  PH_CHECK(flushData(segment->fd.get()));
  PH_CHECK(flushDir(log.get()));
  return flushDir(draft);
}

static Status makeDraft(int parent, const std::string& draft, const std::string& name) {
  PH_CHECK(makeDir(parent, draft));
  PH_TRY(const UniqueFd dir, openDir(parent, draft));
  PH_TRY(const bool locked,
         tryLock(dir.get(), LockMode::Shared));  // so that no sweep takes it for a leftover
  if (!locked) return makeError(Errc::Unavailable, "store: a new account was swept away; try again");
  PH_CHECK(fillDraft(dir.get()));
  if (::renameat(parent, draft.c_str(), parent, name.c_str()) == 0) return flushDir(parent);
  if (errno != EEXIST && errno != ENOTEMPTY) return errnoError("rename new account");
  return removeTree(parent, draft);  // another process was quicker
}

Status createAccountDir(const std::string& root, const std::string& relative) {
  PH_TRY(const std::string parentPath, makeParents(root, relative));
  static_cast<void>(sweepAside(parentPath));  // leftovers only cost space
  PH_TRY(const UniqueFd parent, openDir(AT_FDCWD, parentPath));
  const std::string draft = kDraftPrefix + Id128::random().hex();
  auto made = makeDraft(parent.get(), draft, relative.substr(relative.rfind('/') + 1));
  if (!made.ok()) static_cast<void>(removeTree(parent.get(), draft));
  return made;
}

Result<AccountDir> moveAside(const std::string& root, const std::string& relative) {
  const std::size_t slash = relative.rfind('/');
  const std::string parentPath = root + "/" + relative.substr(0, slash);
  PH_TRY(const UniqueFd parent, openDir(AT_FDCWD, parentPath));
  PH_TRY(const UniqueFd lock, openDir(parent.get(), relative.substr(slash + 1)));
  PH_TRY(const bool locked, tryLock(lock.get(), LockMode::Shared));  // waits for no rebuild
  if (!locked) return makeError(Errc::Busy, "store: the account is being rebuilt");
  const std::string aside = kAsidePrefix + Id128::random().hex();
  if (::renameat(parent.get(), relative.substr(slash + 1).c_str(), parent.get(), aside.c_str()) != 0)
    return errnoError("rename account");
  PH_CHECK(flushDir(parent.get()));
  return AccountDir::open(parentPath + "/" + aside, LockMode::Shared);
}

Status removeAside(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  PH_TRY(const UniqueFd parent, openDir(AT_FDCWD, path.substr(0, slash)));
  PH_CHECK(removeTree(parent.get(), path.substr(slash + 1)));
  return flushDir(parent.get());
}

static bool isOld(int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return false;
  const auto now = std::chrono::system_clock::to_time_t(Clock::system().wall());
  return info.st_mtime < now - 3600;
}

Status sweepAside(const std::string& dir) {
  PH_TRY(const UniqueFd parent, openDir(AT_FDCWD, dir));
  PH_TRY(const auto names, listDir(parent.get()));
  for (const auto& name : names) {
    if (name.rfind(kAsidePrefix, 0) != 0 && name.rfind(kDraftPrefix, 0) != 0) continue;
    auto entry = openDir(parent.get(), name);
    if (!entry.ok()) continue;
    // A draft is not locked yet in the moment after it was made.
    if (name.rfind(kDraftPrefix, 0) == 0 && !isOld(entry->get())) continue;
    PH_TRY(const bool unused, tryLock(entry->get(), LockMode::Exclusive));
    if (unused) PH_CHECK(removeTree(parent.get(), name));
  }
  return {};
}

}  // namespace posthorn::store::embedded
