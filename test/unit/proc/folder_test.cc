// SPDX-License-Identifier: Apache-2.0
#include "common/proc/folder.h"

#include <cstdlib>
#include <string>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace posthorn;
using namespace posthorn::proc;

namespace {

constexpr uid_t kSomebody = 65534;

/// A folder of root's with one of somebody else's in it, `theirs`. Left to the system's cleaner of /tmp.
struct Place {
  std::string root;
  std::string theirs;
  RunAs user{"somebody", kSomebody, kSomebody, {}};

  Place() {
    const char* tmp = std::getenv("TMPDIR");
    root = std::string(tmp != nullptr ? tmp : "/tmp") + "/posthorn-folder-XXXXXX";
    REQUIRE(::mkdtemp(root.data()) != nullptr);
    ::chmod(root.c_str(), 0755);
    theirs = root + "/theirs";
    REQUIRE(::mkdir(theirs.c_str(), 0755) == 0);
    if (::geteuid() == 0) REQUIRE(::chown(theirs.c_str(), kSomebody, kSomebody) == 0);
  }

  void linkAt(const std::string& path, const std::string& target) const {
    REQUIRE(::symlink(target.c_str(), path.c_str()) == 0);
    if (path.starts_with(theirs) && ::geteuid() == 0)
      REQUIRE(::lchown(path.c_str(), kSomebody, kSomebody) == 0);
  }
};

uid_t ownerOf(const std::string& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_uid;
}

bool isRoot() {
  if (::geteuid() == 0) return true;
  WARN("SKIPPED: only root can make folders of somebody else");
  return false;
}

}  // namespace

TEST_CASE("a folder is opened by its plain path and by root's own links") {
  const Place place;
  CHECK(openFolder(place.theirs).ok());
  place.linkAt(place.root + "/link", "theirs");
  place.linkAt(place.root + "/absolute", place.theirs);
  CHECK(openFolder(place.root + "/link").ok());
  CHECK(openFolder(place.root + "/absolute/").ok());
  CHECK(openFolder(place.root + "/nothing").error().code == Errc::NotFound);
  const UniqueFd file(::open((place.root + "/file").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  CHECK(openFolder(place.root + "/file").error().code == Errc::Invalid);
  place.linkAt(place.root + "/ring", "ring");
  CHECK_FALSE(openFolder(place.root + "/ring").ok());
}

TEST_CASE("a less trusted user's link leads to nothing but his own") {
  const Place place;
  if (!isRoot()) return;
  REQUIRE(::mkdir((place.root + "/ours").c_str(), 0755) == 0);
  place.linkAt(place.theirs + "/absolute", place.root + "/ours");
  place.linkAt(place.theirs + "/relative", "../ours");
  place.linkAt(place.theirs + "/etc", "/etc");
  CHECK(openFolder(place.theirs + "/absolute").error().code == Errc::Denied);
  CHECK(openFolder(place.theirs + "/relative").error().code == Errc::Denied);
  CHECK(openFolder(place.theirs + "/etc").error().code == Errc::Denied);
  CHECK(makeFolder(place.theirs + "/etc/posthorn-must-not-be", &place.user, 0755).error().code ==
        Errc::Denied);
  CHECK(::access("/etc/posthorn-must-not-be", F_OK) != 0);
  // A folder of root's that he has taken in is no way either: he may exchange it at any time.
  REQUIRE(::mkdir((place.theirs + "/root").c_str(), 0755) == 0);
  CHECK(openFolder(place.theirs + "/root").error().code == Errc::Denied);
  REQUIRE(::mkdir((place.theirs + "/own").c_str(), 0755) == 0);
  REQUIRE(::chown((place.theirs + "/own").c_str(), kSomebody, kSomebody) == 0);
  place.linkAt(place.theirs + "/to-own", "own");
  CHECK(openFolder(place.theirs + "/to-own").ok());
}

TEST_CASE("made folders belong to whom they are in, the last one to its user") {
  const Place place;
  REQUIRE(makeFolder(place.root + "/a/b", &place.user, 0750).ok());
  REQUIRE(makeFolder(place.theirs + "/c/d", &place.user, 0750).ok());
  REQUIRE(makeFolder(place.theirs + "/c/d", &place.user, 0750).ok());
  if (!isRoot()) return;
  REQUIRE(makeFolder(place.root + "/run", nullptr, 0755).ok());
  REQUIRE(makeFolder(place.theirs + "/run", nullptr, 0755).ok());
  CHECK(ownerOf(place.root + "/run") == 0);
  CHECK(ownerOf(place.theirs + "/run") == kSomebody);
  CHECK(ownerOf(place.root + "/a") == 0);
  CHECK(ownerOf(place.root + "/a/b") == kSomebody);
  CHECK(ownerOf(place.theirs + "/c") == kSomebody);
  CHECK(ownerOf(place.theirs + "/c/d") == kSomebody);
}
