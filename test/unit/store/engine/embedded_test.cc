// SPDX-License-Identifier: Apache-2.0
// What only the embedded engine can show: files, damage, other processes, full disks.
#include <atomic>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/embedded/escape.h"
#include "common/store/embedded/format.h"
#include "test/unit/store/engine/fixture.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
namespace fs = std::filesystem;

using Embedded = World<EmbeddedKind>;

static std::string accountDir(const TempDir& dir, View account = "anna") {
  return dir.path() + "/" + embedded::accountPath(account);
}

/// Closes the account in this process, runs `work` on its files, and opens it again.
template <typename F>
static void whileClosed(Embedded& world, F&& work) {
  world.domain.reset();
  world.engine->closeIdle();
  work();
  world.domain = require(world.engine->open("anna", Engine::Create::No));
}

static void overwrite(const std::string& path, std::uint64_t offset, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.flush());
}

static std::string segmentPath(const TempDir& dir, std::uint32_t number) {
  return accountDir(dir) + "/log/" + embedded::segmentName(number);
}

/// Random changes of every kind; keeps its own idea of the blobs.
class RandomWork {
 public:
  explicit RandomWork(std::uint64_t seed) : random_(seed) {}
  void step(Domain& domain) {
    const std::string bytes =
        sample(random_() % 5 == 0 ? 20'000 : random_() % 800, static_cast<std::uint32_t>(random_()));
    const auto writer = stage(domain, random_() % 40 == 0 ? sample(300'000) : bytes);
    require(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
      for (int i = 0; i < 4; ++i) PH_CHECK(batch.put(key(), sample(random_() % 200)));
      if (random_() % 2 == 0) PH_CHECK(batch.erase(key()));
      if (random_() % 8 == 0) PH_CHECK(batch.eraseRange(key(), key()));
      PH_TRY(const BlobRef ref, batch.attach(*writer));
      blobs.push_back(ref);
      while (blobs.size() > 20) {
        const std::size_t gone = random_() % blobs.size();
        PH_CHECK(batch.release(blobs[gone]));
        blobs.erase(blobs.begin() + static_cast<std::ptrdiff_t>(gone));
      }
      return {};
    }));
  }
  std::vector<BlobRef> blobs;

 private:
  std::string key() { return "k" + std::to_string(random_() % 300); }
  std::mt19937_64 random_;
};

static void checkSame(Domain& domain, const Dump& rows, const DomainInfo& info) {
  CHECK(dump(domain) == rows);
  const auto now = require(domain.info());
  CHECK(now.version == info.version);
  CHECK(now.bytesLive == info.bytesLive);
  CHECK(now.bytesDead == info.bytesDead);
  CHECK(now.bytesLog == info.bytesLog);
}

TEST_CASE("account names become paths and back, below the root") {
  for (const std::string& name :
       {std::string("anna"), std::string(".."), std::string("."), std::string("/etc/passwd"),
        std::string("a.b@c"), std::string("=2F"), std::string(255, '\xff'), std::string(201, '.'),
        std::string(200, 'a') + "/b"}) {
    const std::string path = embedded::accountPath(name);
    INFO(path);
    CHECK(path.find("/.") == std::string::npos);
    CHECK(path.find("//") == std::string::npos);
    CHECK(embedded::accountOfName(View(path).substr(6)) == name);
  }
  CHECK_FALSE(embedded::accountOfName("a%2F"));
  CHECK_FALSE(embedded::accountOfName("=zz"));
  CHECK_FALSE(embedded::accountOfName("=61"));
}

TEST_CASE("record headers are valid at their place only") {
  embedded::SegmentHeader segment;
  segment.number = 7;
  segment.salt = 42;
  const auto bytes = embedded::encodeSegmentHeader(segment);
  REQUIRE(bytes.size() == embedded::kFirstRecord);
  CHECK(embedded::decodeSegmentHeader(bytes)->salt == 42);
  std::string damaged = bytes;
  damaged[20] = 'x';
  CHECK(embedded::decodeSegmentHeader(damaged)->salt == 42);
  damaged[embedded::kHeaderCopy + 20] = 'x';
  CHECK_FALSE(embedded::decodeSegmentHeader(damaged));
  const embedded::RecordHeader record{embedded::RecordType::Batch, 100, 5, 6, 7};
  const auto raw = embedded::encodeRecordHeader(segment, 4096, record);
  CHECK(embedded::decodeRecordHeader(segment, 4096, raw)->lsn == 5);
  CHECK_FALSE(embedded::decodeRecordHeader(segment, 4104, raw));
  segment.salt = 43;
  CHECK_FALSE(embedded::decodeRecordHeader(segment, 4096, raw));
}

TEST_CASE("a rebuild from the log alone shows the same rows, sizes and blobs") {
  const auto seed = GENERATE(1U, 2U, 3U);
  Embedded world;
  RandomWork work(seed);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 60; ++i) work.step(*world.domain);
    if (round == 1) require(world.domain->maintain(1'000'000));
    const Dump rows = dump(*world.domain);
    const auto info = require(world.domain->info());
    world.domain.reset();
    const auto report = require(world.engine->rebuild("anna"));
    CHECK(report.damage.empty());
    CHECK(report.blobs == work.blobs.size());
    world.domain = require(world.engine->open("anna", Engine::Create::No));
    checkSame(*world.domain, rows, info);
    for (const auto& blob : work.blobs) require(world.domain->verify(blob));
  }
}

TEST_CASE("a damaged or missing index is rebuilt at open") {
  Embedded world;
  RandomWork work(7);
  for (int i = 0; i < 80; ++i) work.step(*world.domain);
  const Dump rows = dump(*world.domain);
  const auto info = require(world.domain->info());
  const std::string data = accountDir(world.dir) + "/index/data.mdb";
  const auto damage = GENERATE(0, 1, 2, 3, 4, 5);
  whileClosed(world, [&] {
    const auto size = fs::file_size(data);
    if (damage == 0) fs::resize_file(data, size / 2);
    if (damage == 1) fs::resize_file(data, 100);
    if (damage == 2) fs::remove_all(accountDir(world.dir) + "/index");
    if (damage == 3) overwrite(data, 0, sample(8192));
    if (damage == 4) overwrite(data, 8192, sample(size - 8192));
    if (damage == 5) fs::resize_file(data, 0);
  });
  INFO("damage " << damage);
  checkSame(*world.domain, rows, info);
  put(*world.domain, "after", "works");
}

TEST_CASE("a damaged blob is found, reported, and harms nothing else") {
  Embedded world;
  const BlobRef first = attach(*world.domain, sample(5000, 1), "a");
  const BlobRef second = attach(*world.domain, sample(5000, 2), "b");
  const BlobRef large = attach(*world.domain, sample(300'000, 3), "c");
  const BlobRef last = attach(*world.domain, sample(5000, 4), "d");
  const Dump rows = dump(*world.domain);
  overwrite(segmentPath(world.dir, second.segment), second.offset + 1000, "XX");
  overwrite(segmentPath(world.dir, large.segment), large.offset + 200'000, "XX");
  overwrite(segmentPath(world.dir, last.segment), last.offset + 1000, "XX");
  require(world.domain->verify(first));
  for (const auto& blob : {second, large, last}) CHECK(codeOf(world.domain->verify(blob)) == Errc::Corrupt);
  world.domain.reset();
  const bool without = GENERATE(false, true);  // the old index, which knows what was acknowledged
  if (without) {
    world.engine->closeIdle();
    fs::remove_all(accountDir(world.dir) + "/index");
  }
  const auto report = require(world.engine->rebuild("anna"));
  CHECK(report.damage.size() == 3);
  CHECK(report.blobs == 4);
  CHECK(report.batches == 4);
  world.domain = require(world.engine->open("anna", Engine::Create::No));
  CHECK(dump(*world.domain) == rows);
  CHECK(readBlob(*world.domain, first) == sample(5000, 1));
}

TEST_CASE("what a killed writer has flushed is taken over, what it has torn is not") {
  Embedded world;
  put(*world.domain, "k", "before");
  const std::string index = accountDir(world.dir) + "/index";
  const std::string kept = world.dir.path() + "/kept";
  whileClosed(world, [&] { fs::copy(index, kept); });
  const BlobRef blob = attach(*world.domain, sample(9000), "k");
  const std::string whole = get(*world.domain, "k");
  const bool torn = GENERATE(false, true);
  whileClosed(world, [&] {  // as if the kill had come before LMDB's commit
    fs::remove_all(index);
    fs::copy(kept, index);
    if (torn) overwrite(segmentPath(world.dir, 1), blob.offset + 4096, std::string(512, '\0'));
  });
  CHECK(get(*world.domain, "k") == (torn ? "before" : whole));
  if (!torn) CHECK(readBlob(*world.domain, blob) == sample(9000));
  put(*world.domain, "next", "1");
  put(*world.domain, "next2", "2");
  const Dump rows = dump(*world.domain);
  world.domain.reset();
  CHECK(require(world.engine->rebuild("anna")).damage.empty());
  world.domain = require(world.engine->open("anna", Engine::Create::No));
  CHECK(dump(*world.domain) == rows);
}

TEST_CASE("an index that is ahead of its log is not believed") {
  Embedded world;
  put(*world.domain, "k", "1");
  const std::string log = accountDir(world.dir) + "/log";
  const std::string kept = world.dir.path() + "/kept";
  world.domain.reset();
  world.engine->closeIdle();
  fs::copy(log, kept);
  world.domain = require(world.engine->open("anna", Engine::Create::No));
  put(*world.domain, "k", "2");
  world.domain.reset();
  world.engine->closeIdle();
  fs::remove_all(log);
  fs::copy(kept, log);
  CHECK(codeOf(world.engine->open("anna", Engine::Create::No)) == Errc::Corrupt);
  const auto report = require(world.engine->rebuild("anna"));
  REQUIRE(report.damage.size() == 1);
  CHECK(report.damage[0].find("commits 2 to 2") != std::string::npos);
  CHECK(get(*require(world.engine->open("anna", Engine::Create::No)), "k") == "1");
}

TEST_CASE("the log goes on in new segments, and compaction gives space back") {
  Embedded world;
  Domain& domain = *world.domain;
  std::vector<BlobRef> blobs;
  const auto fill = [&](int count) {
    for (int i = 0; i < count; ++i) {
      std::vector<std::unique_ptr<BlobWriter>> writers;
      for (int j = 0; j < 16; ++j)
        writers.push_back(
            stage(domain, sample(250'000, static_cast<std::uint32_t>(blobs.size() + writers.size()))));
      require(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
        for (const auto& writer : writers) {
          PH_TRY(const BlobRef ref, batch.attach(*writer));
          blobs.push_back(ref);
        }
        return {};
      }));
    }
  };
  fill(18);  // 72 MB
  put(domain, "k", "v");
  CHECK(blobs.front().segment == 1);
  CHECK(fs::exists(segmentPath(world.dir, 2)));
  require(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
    for (std::size_t i = 0; i < blobs.size(); ++i)
      if (i % 4 != 0) PH_CHECK(batch.release(blobs[i]));
    return {};
  }));
  const auto slice = require(domain.read(blobs[0], 0, 250'000));
  const Dump rows = dump(domain);
  require(domain.maintain(60'000'000));
  CHECK_FALSE(fs::exists(segmentPath(world.dir, 1)));
  const auto info = require(domain.info());
  CHECK(info.bytesLog < 40'000'000);
  CHECK(info.bytesDead < 1'000'000);
  for (std::size_t i = 0; i < blobs.size(); i += 4)
    CHECK(readBlob(domain, blobs[i]) == sample(250'000, static_cast<std::uint32_t>(i)));
  CHECK(codeOf(domain.verify(blobs[1])) == Errc::Corrupt);
  std::string out(250'000, '\0');
  CHECK(require(slice.read(0, out.data(), out.size())) == out.size());  // the old file, pinned
  CHECK(out == sample(250'000, 0));
  checkSame(domain, rows, require(domain.info()));
  world.domain.reset();
  CHECK(require(world.engine->rebuild("anna")).damage.empty());
  world.domain = require(world.engine->open("anna", Engine::Create::No));
  checkSame(*world.domain, rows, info);
  // Moved once, dropped half, moved again.
  require(world.domain->commit(Sync::Durable, [&](Batch& batch) -> Status {
    for (std::size_t i = 0; i < blobs.size(); i += 8) PH_CHECK(batch.release(blobs[i]));
    return {};
  }));
  require(world.domain->maintain(60'000'000));
  CHECK(require(world.domain->info()).bytesLog < 22'000'000);
  for (std::size_t i = 4; i < blobs.size(); i += 8)
    CHECK(readBlob(*world.domain, blobs[i]) == sample(250'000, static_cast<std::uint32_t>(i)));
}

TEST_CASE("staged blobs that nobody attached are collected, those on their way are not") {
  Embedded world;
  const auto segments = [&] {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(accountDir(world.dir) + "/log"))
      count += entry.is_regular_file();
    return count;
  };
  const auto waiting = stage(*world.domain, sample(300'000));
  {
    // What a killed process leaves: the file without its lock.
    fs::copy_file(segmentPath(world.dir, 2), segmentPath(world.dir, 9));
    overwrite(segmentPath(world.dir, 9), 0, std::string(embedded::kFirstRecord, '\0'));
    fs::resize_file(segmentPath(world.dir, 9), 0);
  }
  { const auto dropped = stage(*world.domain, sample(300'000)); }
  CHECK(segments() == 3);
  require(world.domain->maintain(1'000'000));
  CHECK(segments() == 2);
  BlobRef ref;
  require(world.domain->commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_TRY(ref, batch.attach(*waiting));
    return {};
  }));
  require(world.domain->maintain(1'000'000));
  CHECK(readBlob(*world.domain, ref) == sample(300'000));
}

TEST_CASE("opening without Create makes nothing, and an engine is not for a forked child") {
  Embedded world;
  CHECK(codeOf(world.engine->open("bert", Engine::Create::No)) == Errc::NotFound);
  CHECK_FALSE(fs::exists(accountDir(world.dir, "bert")));
  const pid_t pid = ::fork();
  if (pid == 0) {
    const auto opened = world.engine->open("anna", Engine::Create::No);
    ::_exit(!opened.ok() && opened.error().code == Errc::Internal ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

// Run by the next test in processes of their own.
TEST_CASE("child: counts in the parent's store", "[.child]") {
  const char* root = std::getenv("POSTHORN_TEST_STORE");  // NOLINT(concurrency-mt-unsafe)
  REQUIRE(root != nullptr);
  const auto engine = require(openEngine(std::string("embedded:") + root));
  const auto domain = require(engine->open("anna", Engine::Create::No));
  for (int i = 0; i < 50; ++i) {
    require(domain->commit(Sync::Durable, [&](Batch& batch) -> Status {
      const auto now = batch.get("n");
      return batch.put("n", std::to_string((now.ok() ? std::stoi(std::string(*now)) : 0) + 1));
    }));
    attach(*domain, sample(i % 10 == 0 ? 300'000 : 500),
           "b" + std::to_string(::getpid()) + "." + std::to_string(i));
    if (i % 20 == 0) require(domain->maintain(100'000));
  }
}

TEST_CASE("processes write to one account together") {
  TempDir dir;
  {
    const auto engine = require(openEngine("embedded:" + dir.path()));
    require(engine->open("anna", Engine::Create::Yes));
  }
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::setenv("POSTHORN_TEST_STORE", dir.path().c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
      ::execl("/proc/self/exe", "unit_store", "child: counts in the parent's store", nullptr);
      ::_exit(127);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  }
  const auto engine = require(openEngine("embedded:" + dir.path()));
  const auto domain = require(engine->open("anna", Engine::Create::No));
  CHECK(get(*domain, "n") == "150");
  CHECK(dump(*domain).size() == 151);
  const auto snapshot = require(domain->snapshot());
  require(snapshot->scan("b", "c", [&](View, View value) {
    BlobRef ref;
    std::memcpy(&ref, value.data(), sizeof ref);
    require(domain->verify(ref));
    return true;
  }));
}

TEST_CASE("a rebuild needs the account for itself") {
  Embedded world;
  CHECK(codeOf(world.engine->rebuild("anna")) == Errc::Busy);
  world.domain.reset();
  require(world.engine->rebuild("anna"));
  CHECK(codeOf(world.engine->rebuild("nobody")) == Errc::NotFound);
}

TEST_CASE("two engines of a process share an open account") {
  Embedded world;
  const auto other = require(openEngine(EmbeddedKind::url(world.dir)));
  const auto domain = require(other->open("anna", Engine::Create::No));
  CHECK(domain == world.domain);
  put(*domain, "k", "v");
  CHECK(get(*world.domain, "k") == "v");
}

TEST_CASE("an account that fell out of the cache opens again while others close it") {
  Embedded world;
  world.domain.reset();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 30; ++i) {
        const auto domain = world.engine->open(t % 2 == 0 ? "anna" : "bert", Engine::Create::Yes);
        if (!domain.ok() || !(*domain)
                                 ->commit(Sync::Durable,
                                          [&](Batch& batch) {
                                            return batch.put(std::to_string(t) + "." + std::to_string(i), "");
                                          })
                                 .ok())
          ++wrong;
        world.engine->closeIdle();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(dump(*require(world.engine->open("anna", Engine::Create::No))).size() == 60);
}

TEST_CASE("a full disk refuses cleanly and works again with room") {
  TempDir dir;
  if (::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=3m") != 0) {
    WARN("SKIPPED: mounting a small tmpfs is not allowed here; the full disk is not tested");
    return;
  }
  const std::string ballast = dir.path() + "/ballast";
  {
    const auto engine = require(openEngine("embedded:" + dir.path()));
    const auto domain = require(engine->open("anna", Engine::Create::Yes));
    put(*domain, "k", "kept");
    {
      std::ofstream out(ballast, std::ios::binary);
      const std::string page(4096, 'x');
      while (out.write(page.data(), 4096).flush()) {
      }
    }
    int refused = 0;
    std::map<std::string, std::string> expected{{"k", "kept"}};
    for (int i = 0; i < 60; ++i) {
      const std::string key = "k" + std::to_string(i);
      const std::string value = sample(4000, static_cast<std::uint32_t>(i));
      const auto done = domain->commit(Sync::Durable, [&](Batch& batch) { return batch.put(key, value); });
      if (done.ok()) expected[key] = value;
      if (done.ok()) continue;
      ++refused;
      CHECK(done.error().code == Errc::NoSpace);
    }
    CHECK(refused > 0);
    CHECK(dump(*domain) == expected);
    const auto large = require(domain->blob(0));
    auto staged = large->write(sample(600'000));
    if (staged.ok()) staged = large->seal();
    CHECK(codeOf(staged) == Errc::NoSpace);
    fs::remove(ballast);
    put(*domain, "room", "again");
    expected["room"] = "again";
    CHECK(dump(*domain) == expected);
  }
  const auto engine = require(openEngine("embedded:" + dir.path()));
  CHECK(require(engine->rebuild("anna")).damage.empty());
  CHECK(get(*require(engine->open("anna", Engine::Create::No)), "room") == "again");
  engine->closeIdle();
  CHECK(::umount2(dir.path().c_str(), MNT_DETACH) == 0);
}

// In this binary every flush of a segment goes through here, so that a disk can fail on demand.
static std::atomic<bool> failSegmentFlushes{false};

extern "C" int fdatasync(int fd) {  // NOLINT(readability-identifier-naming)
  if (failSegmentFlushes) {
    char link[64];
    char path[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = ::readlink(link, path, sizeof path);
    if (size > 4 &&
        View(path, static_cast<std::size_t>(size)).substr(static_cast<std::size_t>(size) - 4) == ".seg") {
      errno = EIO;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

TEST_CASE("a failed flush is never taken for done: the account is read-only until it is opened anew") {
  Embedded world;
  put(*world.domain, "k", "kept");
  failSegmentFlushes = true;
  const auto failed =
      world.domain->commit(Sync::Durable, [](Batch& batch) { return batch.put("k", "lost"); });
  failSegmentFlushes = false;
  CHECK(codeOf(failed) == Errc::Io);
  const auto later = world.domain->commit(Sync::Durable, [](Batch& batch) { return batch.put("k", "lost"); });
  REQUIRE(codeOf(later) == Errc::Io);
  CHECK(later.error().text.find("read-only") != std::string::npos);
  CHECK(codeOf(world.domain->blob(1)) == Errc::Io);
  CHECK(get(*world.domain, "k") == "kept");
  world.domain.reset();
  world.domain = require(world.engine->open("anna", Engine::Create::No));
  CHECK(get(*world.domain, "k") == "kept");
  put(*world.domain, "k", "works");
  world.domain.reset();
  CHECK(require(world.engine->rebuild("anna")).damage.empty());
  CHECK(get(*require(world.engine->open("anna", Engine::Create::No)), "k") == "works");
}
