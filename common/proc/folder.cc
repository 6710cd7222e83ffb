// SPDX-License-Identifier: Apache-2.0
#include "common/proc/folder.h"

#include <array>
#include <cerrno>
#include <deque>
#include <functional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/ascii.h"

namespace posthorn::proc {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's own limit

struct Node {
  UniqueFd fd;
  struct stat info {};
};

Result<Node> look(int at, const std::string& name) {
  Node node;
  node.fd.reset(::openat(at, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!node.fd || ::fstat(node.fd.get(), &node.info) != 0) return errnoError("open " + name);
  return node;
}

/// Makes a missing folder in `parent`; `last` says that it is the one that was asked for.
using Maker = std::function<Status(const Node& parent, const std::string& name, bool last)>;

class Walk {
 public:
  Walk(const std::string& path, const Maker& make) : path_(path), make_(make) {}

  Result<UniqueFd> run() {
    PH_CHECK(goTo(path_.starts_with('/') ? "/" : "."));
    append(path_);
    while (!left_.empty()) {
      const std::string name = std::move(left_.front());
      left_.pop_front();
      PH_CHECK(step(name));
    }
    if (!S_ISDIR(here_.info.st_mode)) return makeError(Errc::Invalid, path_ + " is no folder");
    return std::move(here_.fd);
  }

 private:
  void append(const std::string& path) {
    std::deque<std::string> names;
    for (const auto name : ascii::split(path, '/'))
      if (!name.empty() && name != ".") names.emplace_back(name);
    left_.insert(left_.begin(), names.begin(), names.end());
  }

  Status goTo(const char* start) {
    PH_TRY(here_, look(AT_FDCWD, start));
    return okStatus();
  }

  Status step(const std::string& name) {
    auto next = look(here_.fd.get(), name);
    if (!next.ok() && errno == ENOENT && make_) {
      PH_CHECK(make_(here_, name, left_.empty()));
      next = look(here_.fd.get(), name);
    }
    if (!next.ok()) return makeError(next.error().code, path_ + ": " + next.error().text);
    PH_CHECK(judge(here_, *next, name));
    if (S_ISLNK(next->info.st_mode)) return follow(*next, name);
    here_ = std::move(*next);
    return okStatus();
  }

  Status judge(const Node& from, const Node& to, const std::string& name) const {
    const uid_t owner = from.info.st_uid;
    if (owner == 0 || owner == ::geteuid() || owner == to.info.st_uid) return okStatus();
    return makeError(Errc::Denied, path_ + ": \"" + name + "\" lies in a folder of uid " +
                                       std::to_string(owner) + " but belongs to uid " +
                                       std::to_string(to.info.st_uid) +
                                       ": correct its owner, or choose another place");
  }

  Status follow(const Node& link, const std::string& name) {
    if (++links_ > kMaxLinks) return makeError(Errc::Invalid, path_ + ": too many symbolic links");
    std::array<char, 4096> target{};
    const ssize_t length = ::readlinkat(link.fd.get(), "", target.data(), target.size() - 1);
    if (length <= 0) return errnoError(path_ + ": read the link " + name);
    const std::string to(target.data(), static_cast<std::size_t>(length));
    append(to);
    if (to.front() != '/') {
      // Its target is looked up in this folder, with no more trust than its maker deserves.
      here_.info.st_uid = link.info.st_uid;
      return okStatus();
    }
    PH_TRY(Node root, look(AT_FDCWD, "/"));
    PH_CHECK(judge(link, root, "/"));
    here_ = std::move(root);
    return okStatus();
  }

  const std::string& path_;
  const Maker& make_;
  Node here_;
  std::deque<std::string> left_;
  int links_ = 0;
};

Status makeIn(const Node& parent, const std::string& name, mode_t mode, uid_t uid, gid_t gid) {
  if (::mkdirat(parent.fd.get(), name.c_str(), mode) != 0) {
    if (errno == EEXIST) return okStatus();
    return errnoError("make " + name);
  }
  if (::geteuid() != 0 || uid == 0) return okStatus();
  // Not followed: whoever owns the parent may have put something else there since.
  const UniqueFd made(::openat(parent.fd.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made || ::fchownat(made.get(), "", uid, gid, AT_EMPTY_PATH) != 0)
    return errnoError("hand over " + name);
  return okStatus();
}

}  // namespace

Result<UniqueFd> openFolder(const std::string& path) {
  const Maker none;
  return Walk(path, none).run();
}

Result<UniqueFd> makeFolder(const std::string& path, const RunAs* user, mode_t mode) {
  const Maker make = [&path, user, mode](const Node& parent, const std::string& name, bool last) -> Status {
    const bool given = last && user != nullptr;
    Status made = makeIn(parent, name, last ? mode : 0755, given ? user->uid : parent.info.st_uid,
                         given ? user->gid : parent.info.st_gid);
    if (!made.ok()) return makeError(made.error().code, path + ": " + made.error().text);
    return made;
  };
  return Walk(path, make).run();
}

std::string pathIn(const UniqueFd& folder, const std::string& name) {
  return "/proc/self/fd/" + std::to_string(folder.get()) + "/" + name;
}

}  // namespace posthorn::proc
