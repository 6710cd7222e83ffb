// SPDX-License-Identifier: Apache-2.0
// Processes that open one account at the same time, before it has an index.
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/unique_fd.h"
#include "common/store/embedded/escape.h"
#include "test/unit/store/engine/fixture.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
namespace fs = std::filesystem;

namespace {

/// Opens the account in a process of its own, and keeps it open until `hold` ends.
pid_t openApart(const std::string& root, int hold) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const auto engine = openEngine("embedded:" + root);
  const auto domain =
      engine.ok() ? (*engine)->open("anna", Engine::Create::Yes) : Result<std::shared_ptr<Domain>>(nullptr);
  const bool opened = engine.ok() && domain.ok();
  if (!opened && engine.ok()) std::fprintf(stderr, "open: %s\n", domain.error().describe().c_str());
  // One octet tells that it is open; the end of the other direction, that all are.
  char octet = opened ? '+' : '-';
  const bool told = ::write(hold, &octet, 1) == 1;
  while (::read(hold, &octet, 1) > 0) {
  }
  ::_exit(opened && told ? 0 : 1);
}

bool reap(pid_t pid) {
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("processes that wait to make the same index all get it, and all keep the account open") {
  const TempDir dir;
  int ends[2];
  const auto pair = [&] { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0); };
  pair();
  UniqueFd mine(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t maker = openApart(dir.path(), theirs.get());
  char octet = 0;
  REQUIRE(::read(mine.get(), &octet, 1) == 1);
  ::shutdown(mine.get(), SHUT_WR);
  REQUIRE(reap(maker));

  const std::string account = dir.path() + "/" + embedded::accountPath("anna");
  fs::remove_all(account + "/index");
  // As if one more process were opening it: nobody can repair, so that all of them come to wait.
  const UniqueFd held(::open(account.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(::flock(held.get(), LOCK_SH) == 0);
  pair();
  mine.reset(ends[0]);
  theirs.reset(ends[1]);
  std::vector<pid_t> children;
  children.reserve(6);
  for (int i = 0; i < 6; ++i) children.push_back(openApart(dir.path(), theirs.get()));
  ::poll(nullptr, 0, 200);  // only makes a failure likelier
  REQUIRE(::flock(held.get(), LOCK_UN) == 0);
  for (std::size_t i = 0; i < children.size(); ++i) {
    REQUIRE(::read(mine.get(), &octet, 1) == 1);
    CHECK(octet == '+');
  }
  ::shutdown(mine.get(), SHUT_WR);
  for (const pid_t child : children) CHECK(reap(child));
}
