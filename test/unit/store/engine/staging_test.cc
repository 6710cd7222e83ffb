// SPDX-License-Identifier: Apache-2.0
// Segments on their way in, and those who collect what was left on the way.
#include <functional>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/unique_fd.h"
#include "common/store/embedded/blob_writer.h"
#include "common/store/embedded/escape.h"
#include "test/unit/store/engine/fixture.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
namespace fs = std::filesystem;

// In this binary every unlinkat goes through here, so that a test can be somewhere just before a file goes.
static std::function<void(const char*)> beforeUnlink;

extern "C" int unlinkat(int dir, const char* name,
                        int flags) noexcept {  // NOLINT(readability-identifier-naming)
  if (beforeUnlink) beforeUnlink(name);
  return static_cast<int>(::syscall(SYS_unlinkat, dir, name, flags));
}

static std::string logOf(const TempDir& dir) {
  return dir.path() + "/" + embedded::accountPath("anna") + "/log";
}

// A maker that has been stopped between making its file and locking it would otherwise lock it after it was
// judged and before it is unlinked, and commit a segment without a name: its message would be lost.
TEST_CASE("nobody can claim a segment that is being collected") {
  World<EmbeddedKind> world;
  embedded::SegmentHeader header;
  header.kind = embedded::SegmentKind::Pack;
  header.number = 9;
  header.salt = 1;
  const UniqueFd log(::open(logOf(world.dir).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto segment = require(embedded::createSegment(log.get(), header));
  int collected = 0;
  bool claimed = false;
  beforeUnlink = [&](const char* name) {
    if (embedded::segmentName(9) != name) return;
    ++collected;
    claimed = ::flock(segment->fd.get(), LOCK_EX | LOCK_NB) == 0;
  };
  require(world.domain->maintain(1'000'000));
  beforeUnlink = nullptr;
  CHECK(collected == 1);
  CHECK_FALSE(claimed);
  CHECK(::flock(segment->fd.get(), LOCK_EX | LOCK_NB) == 0);
  struct stat info {};
  REQUIRE(::fstat(segment->fd.get(), &info) == 0);
  CHECK(info.st_nlink == 0);  // by which its maker knows
}

TEST_CASE("a segment's number is never given again, however late its file is made") {
  const TempDir dir;
  const UniqueFd log(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  embedded::SegmentHeader header;
  header.kind = embedded::SegmentKind::Pack;
  int asked = 0;
  const auto staged =
      require(embedded::StagedSegment::create(log.get(), header, [&]() -> Result<std::uint32_t> {
        return asked++ == 0 ? 2U : 7U;
      }));  // 2 to 6 came and went meanwhile
  CHECK(staged.segment->header.number == 7);
  CHECK(fs::exists(dir.path() + "/" + embedded::segmentName(7)));
  CHECK_FALSE(fs::exists(dir.path() + "/" + embedded::segmentName(2)));
}
