// SPDX-License-Identifier: Apache-2.0
// Commits that fail between the log and the index, and what others make of them.
#include "common/store/embedded/group_commit.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <thread>

#include <limits.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/embedded/escape.h"
#include "common/store/embedded/open_accounts.h"
#include "common/store/embedded/recovery.h"
#include "test/unit/store/engine/fixture.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
using namespace posthorn::store::embedded;
namespace fs = std::filesystem;

// In this binary every gathered write goes through here, so that a disk can be full for large ones only.
static std::atomic<std::size_t> roomForWrites{0};

extern "C" ssize_t pwritev(int fd, const iovec* parts, int count, off_t offset) {  // NOLINT
  std::size_t size = 0;
  for (int i = 0; i < count; ++i) size += parts[i].iov_len;
  if (roomForWrites != 0 && size > roomForWrites) {
    errno = ENOSPC;
    return -1;
  }
  return ::syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

// Run by the next tests in a process of their own.
TEST_CASE("child: opens the parent's account and commits", "[.child]") {
  const char* root = std::getenv("POSTHORN_TEST_STORE");  // NOLINT(concurrency-mt-unsafe)
  REQUIRE(root != nullptr);
  const auto engine = require(openEngine(std::string("embedded:") + root));
  const auto domain = require(engine->open("anna", Engine::Create::No));
  CHECK(get(*domain, "k") == "new");                     // taken over from the log
  const char* more = std::getenv("POSTHORN_TEST_MORE");  // NOLINT(concurrency-mt-unsafe)
  for (int i = 0; more != nullptr && i < 3; ++i) put(*domain, "child", std::to_string(i));
}

static bool runChild(const std::string& root, bool more) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setenv("POSTHORN_TEST_STORE", root.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    if (more) ::setenv("POSTHORN_TEST_MORE", "1", 1);  // NOLINT(concurrency-mt-unsafe)
    ::execl("/proc/self/exe", "unit_store", "child: opens the parent's account and commits", nullptr);
    ::_exit(127);
  }
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

namespace {

enum class Meanwhile { Nothing, TakenOver, TakenOverAndMore };

/// An account whose index commits fail once, after somebody else has had his chance.
struct Failing {
  explicit Failing(Meanwhile meanwhile) {
    {
      const auto engine = require(openEngine("embedded:" + dir.path()));
      put(*require(engine->open("anna", Engine::Create::Yes)), "k", "old");
    }
    account.emplace(require(AccountDir::open(dir.path() + "/" + accountPath("anna"), LockMode::Shared)));
    index = require(openOrRepair(*account));
    index->commitThrough([this, meanwhile](MDB_txn* txn) {
      if (std::exchange(failed, true)) return ::mdb_txn_commit(txn);
      ::mdb_txn_abort(txn);  // which gives the write lock up
      if (meanwhile != Meanwhile::Nothing)
        childDid = runChild(dir.path(), meanwhile == Meanwhile::TakenOverAndMore);
      return EIO;
    });
  }
  Result<std::uint64_t> commit(const std::function<Status(Batch&)>& work) {
    GroupCommit group({*account, *index, 1'000'000, [this](const Error&) { readOnly = true; }});
    CommitRequest request{&work};
    group.run({&request});
    return request.outcome;
  }
  void close() {
    SegmentCache::instance().forgetAll(1'000'000);
    index.reset();
    account.reset();
  }

  TempDir dir;
  std::optional<AccountDir> account;
  std::unique_ptr<Index> index;
  bool failed = false;
  bool childDid = false;
  bool readOnly = false;
};

}  // namespace

TEST_CASE("a group that another process took over when the index commit failed stands") {
  const auto meanwhile = GENERATE(Meanwhile::TakenOver, Meanwhile::TakenOverAndMore);
  Failing world(meanwhile);
  // Large enough for a segment of its own, which must stay.
  EmbeddedBlobWriter large(nullptr, *world.account, *world.index);
  require(large.write(sample(400'000, 2)));
  require(large.seal());
  EmbeddedBlobWriter small(nullptr, *world.account, *world.index);
  require(small.write(sample(9000)));
  require(small.seal());
  BlobRef refs[2];
  const auto done = world.commit([&](Batch& batch) -> Status {
    PH_TRY(refs[0], batch.attach(small));
    PH_TRY(refs[1], batch.attach(large));
    return batch.put("k", "new");
  });
  CHECK(world.failed);
  CHECK(world.childDid);
  CHECK(done.ok());
  CHECK_FALSE(world.readOnly);
  const auto next = world.commit([](Batch& batch) { return batch.put("next", "1"); });
  CHECK(next.ok());
  world.close();
  const auto engine = require(openEngine("embedded:" + world.dir.path()));
  CHECK(require(engine->rebuild("anna")).damage.empty());
  const auto domain = require(engine->open("anna", Engine::Create::No));
  CHECK(get(*domain, "k") == "new");
  CHECK(get(*domain, "next") == "1");
  CHECK(get(*domain, "child") == (meanwhile == Meanwhile::TakenOverAndMore ? "2" : "<not-found>"));
  CHECK(readBlob(*domain, refs[0]) == sample(9000));
  require(domain->verify(refs[1]));
}

TEST_CASE("a group that nobody took over when the index commit failed is taken back") {
  Failing world(Meanwhile::Nothing);
  const auto done = world.commit([](Batch& batch) { return batch.put("k", "new"); });
  CHECK(codeOf(done) == Errc::Io);
  CHECK_FALSE(world.readOnly);
  CHECK(world.commit([](Batch& batch) { return batch.put("next", "1"); }).ok());
  world.close();
  const auto engine = require(openEngine("embedded:" + world.dir.path()));
  CHECK(require(engine->rebuild("anna")).damage.empty());
  const auto domain = require(engine->open("anna", Engine::Create::No));
  CHECK(get(*domain, "k") == "old");
  CHECK(get(*domain, "next") == "1");
}

TEST_CASE("a disk with room for the group but not for the zeros behind it takes the group") {
  World<EmbeddedKind> world;
  put(*world.domain, "k", sample(20'000));  // past what was filled before
  roomForWrites = 30'000;
  const auto fits =
      world.domain->commit(Sync::Durable, [](Batch& batch) { return batch.put("k", sample(29'000)); });
  const auto tooMuch =
      world.domain->commit(Sync::Durable, [](Batch& batch) { return batch.put("k", sample(31'000)); });
  roomForWrites = 0;
  CHECK(fits.ok());
  CHECK(codeOf(tooMuch) == Errc::NoSpace);
  put(*world.domain, "after", "1");
  world.domain.reset();
  CHECK(require(world.engine->rebuild("anna")).damage.empty());
  world.domain = require(world.engine->open("anna", Engine::Create::No));
  CHECK(get(*world.domain, "k") == sample(29'000));
}

TEST_CASE("a commit that runs out of memory is refused and holds nobody up") {
  int calls = 0;
  CommitQueue queue([&](const std::vector<CommitRequest*>& requests) -> std::size_t {
    if (++calls % 3 == 1) throw std::bad_alloc();
    for (CommitRequest* request : requests) request->outcome = std::uint64_t{7};
    return requests.size();
  });
  const std::function<Status(Batch&)> work = [](Batch&) { return Status(); };
  CHECK(codeOf(queue.run(work)) == Errc::Internal);
  CHECK(require(queue.run(work)) == 7);
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto outcome = queue.run(work);
        done += outcome.ok() || outcome.error().code == Errc::Internal;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(done == 800);
}

TEST_CASE("work on an account that throws leaves the account usable") {
  World<EmbeddedKind> world;
  world.domain.reset();
  world.engine->closeIdle();
  const std::string path = world.dir.path() + "/" + accountPath("anna");
  const auto done = OpenAccounts::instance().exclusively(path, []() -> Status { throw std::bad_alloc(); });
  CHECK(codeOf(done) == Errc::Internal);
  world.domain = require(world.engine->open("anna", Engine::Create::No));
  put(*world.domain, "k", "v");
}

TEST_CASE("an account whose directory is gone answers like one that was removed") {
  World<EmbeddedKind> world;
  put(*world.domain, "k", "v");
  fs::remove_all(world.dir.path() + "/" + accountPath("anna"));
  CHECK(codeOf(world.domain->commit(Sync::Durable, [](Batch& batch) { return batch.put("k", "w"); })) ==
        Errc::NotFound);
  CHECK(codeOf(world.engine->open("anna", Engine::Create::No)) == Errc::NotFound);
}

TEST_CASE("what an interrupted removal has left goes in time, unless somebody has it open") {
  World<EmbeddedKind> world;
  const std::string path = world.dir.path() + "/" + accountPath("anna");
  put(*world.domain, "k", "v");
  const std::string aside = fs::path(path).parent_path().string() + "/.aside-0123456789abcdef";
  fs::rename(path, aside);
  const auto sweep = [&] {
    for (int i = 0; i < 256; ++i) world.engine->closeIdle();
  };
  sweep();
  CHECK(fs::exists(aside));
  world.domain.reset();
  sweep();
  sweep();
  CHECK_FALSE(fs::exists(aside));
}
