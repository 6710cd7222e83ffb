// SPDX-License-Identifier: Apache-2.0
// Logs with batches that cannot be read any more.
#include <fstream>
#include <functional>

#include <fcntl.h>

#include "common/store/embedded/escape.h"
#include "common/store/embedded/index.h"
#include "common/store/embedded/ledger.h"
#include "common/store/embedded/log_scan.h"
#include "common/store/embedded/ops.h"
#include "test/unit/store/engine/fixture.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
using namespace posthorn::store::embedded;
namespace fs = std::filesystem;

namespace {

struct Account : World<EmbeddedKind> {
  std::string path = dir.path() + "/" + accountPath("anna");

  void close() {
    domain.reset();
    engine->closeIdle();
  }
  void reopen() { domain = require(engine->open("anna", Engine::Create::No)); }
  void dropIndex() { fs::remove_all(path + "/index"); }

  /// Damages each batch of the log that holds an op for which `chosen` says true; how many there were.
  int damageBatches(const std::function<bool(const Op&)>& chosen) const {
    int damaged = 0;
    const UniqueFd log(::open((path + "/log").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (std::uint32_t number = 1; number < 100; ++number) {
      const auto segment = openSegment(log.get(), number);
      if (!segment.ok() || (*segment)->header.kind != SegmentKind::Main) continue;
      test::require(walkRecords(**segment, test::require(fileSize((*segment)->fd.get())),
                                [&](std::uint64_t offset, const RecordHeader& header) -> Status {
                                  if (header.type != RecordType::Batch) return {};
                                  PH_TRY(const auto body, readBody(**segment, offset, header));
                                  if (!body) return {};
                                  bool found = false;
                                  PH_CHECK(readOps(*body, *decodeBatchHeader(*body), [&](const Op& op) {
                                    found = found || chosen(op);
                                    return Status();
                                  }));
                                  if (!found) return {};
                                  ++damaged;
                                  return writeAll((*segment)->fd.get(), offset + kRecordHeaderSize + 8,
                                                  "damage");
                                }));
    }
    return damaged;
  }
};

bool puts(const Op& op, View key) {
  return op.type == OpType::Put && op.key == key;
}

}  // namespace

TEST_CASE("repair keeps an index that shows what the log has lost, and makes the log whole again") {
  Account world;
  for (int i = 0; i < 9; ++i) put(*world.domain, "k" + std::to_string(i), sample(600));
  const Dump rows = dump(*world.domain);
  world.close();
  REQUIRE(world.damageBatches([](const Op& op) { return puts(op, "k4"); }) == 1);
  bool asked = false;
  const auto report = require(world.engine->rebuild("anna", [&](Domain&) {
    asked = true;
    return Status();
  }));
  REQUIRE(report.damage.size() == 1);
  CHECK(report.damage[0].find("commits 5 to 5") != std::string::npos);
  CHECK_FALSE(report.commitsLost);
  CHECK_FALSE(asked);
  world.reopen();
  CHECK(dump(*world.domain).size() == 9);
  CHECK(dump(*world.domain) == rows);
  put(*world.domain, "more", "works");
  world.close();
  CHECK(require(world.engine->rebuild("anna")).damage.empty());
  world.dropIndex();  // the log alone suffices again
  world.reopen();
  CHECK(dump(*world.domain).size() == 10);
}

TEST_CASE("commits that nothing shows any more are lost, said so, and followed up before anybody looks") {
  Account world;
  for (int i = 0; i < 9; ++i) put(*world.domain, "k" + std::to_string(i), sample(600));
  world.close();
  REQUIRE(world.damageBatches([](const Op& op) { return puts(op, "k4"); }) == 1);
  const bool unsound = GENERATE(false, true);
  if (unsound)
    std::ofstream(world.path + "/index/data.mdb", std::ios::in | std::ios::binary).seekp(8192)
        << sample(9000);
  else
    world.dropIndex();
  CHECK(codeOf(world.engine->open("anna", Engine::Create::No)) == Errc::Corrupt);  // never by itself
  CHECK(codeOf(world.engine->rebuild("anna", [](Domain&) { return makeError(Errc::Io, "killed"); })) ==
        Errc::Io);
  CHECK(codeOf(world.engine->open("anna", Engine::Create::No)) == Errc::Corrupt);
  int asked = 0;
  const auto report = require(world.engine->rebuild("anna", [&](Domain& domain) {
    ++asked;
    const auto done = domain.commit(Sync::Durable, [](Batch& batch) { return batch.put("loss", "met"); });
    return done.ok() ? Status() : Status(done.error());
  }));
  CHECK(asked == 1);
  CHECK(report.commitsLost);
  REQUIRE(report.damage.size() == 1);
  CHECK(report.damage[0].find("commits 5 to 5") != std::string::npos);
  CHECK(fs::exists(world.path + "/index.old"));
  world.reopen();
  CHECK(dump(*world.domain).size() == 9);
  CHECK(get(*world.domain, "k4") == "<not-found>");
  CHECK(get(*world.domain, "k8") == sample(600));
  CHECK(get(*world.domain, "loss") == "met");
  world.close();
  const auto again = require(world.engine->rebuild("anna", [&](Domain&) {
    ++asked;
    return Status();
  }));
  CHECK(asked == 1);
  CHECK(again.damage.empty());
  CHECK_FALSE(again.commitsLost);
  world.dropIndex();
  world.reopen();
  CHECK(dump(*world.domain).size() == 9);
}

TEST_CASE("no compaction deletes a body whose commit was lost, and whose row came with a later one") {
  Account world;
  const bool large = GENERATE(false, true);
  const std::size_t size = large ? 400'000 : 20'000;
  const BlobRef kept = attach(*world.domain, sample(size, 7), "lost");
  // A later commit writes the whole block that names it anew, as those of cold blocks do.
  put(*world.domain, "block", "names it");
  std::vector<BlobRef> filler;
  for (std::uint32_t i = 0; i < 8; ++i) filler.push_back(attach(*world.domain, sample(250'000, i), "filler"));
  world.close();
  REQUIRE(world.damageBatches([](const Op& op) { return puts(op, "lost"); }) == 1);
  world.dropIndex();
  CHECK(require(world.engine->rebuild("anna")).commitsLost);
  world.reopen();
  CHECK(readBlob(*world.domain, kept) == sample(size, 7));
  require(world.domain->commit(Sync::Durable, [&](Batch& batch) -> Status {
    for (const auto& blob : filler) PH_CHECK(batch.release(blob));
    return {};
  }));
  for (int i = 0; i < 3; ++i) require(world.domain->maintain(60'000'000));
  CHECK_FALSE(fs::exists(world.path + "/log/" + segmentName(1)));
  CHECK(readBlob(*world.domain, kept) == sample(size, 7));
  CHECK(require(world.domain->info()).bytesDead == 0);
  const auto info = require(world.domain->info());
  CHECK(info.bytesLive >= size);
  // And it can be released like any other.
  require(world.domain->commit(Sync::Durable, [&](Batch& batch) { return batch.release(kept); }));
  for (int i = 0; i < 3; ++i) require(world.domain->maintain(60'000'000));
  CHECK(require(world.domain->info()).bytesLive == 0);
  CHECK(codeOf(world.domain->verify(kept)) == Errc::Corrupt);
  world.close();
  CHECK(require(world.engine->rebuild("anna")).damage.empty());
}

TEST_CASE("bodies that were moved are found when the commit that moved them is lost") {
  Account world;
  const BlobRef kept = attach(*world.domain, sample(20'000, 7), "kept");
  std::vector<BlobRef> filler;
  for (std::uint32_t i = 0; i < 8; ++i) filler.push_back(attach(*world.domain, sample(250'000, i), "filler"));
  require(world.domain->commit(Sync::Durable, [&](Batch& batch) -> Status {
    for (const auto& blob : filler) PH_CHECK(batch.release(blob));
    return {};
  }));
  require(world.domain->maintain(60'000'000));
  REQUIRE_FALSE(fs::exists(world.path + "/log/" + segmentName(1)));
  put(*world.domain, "later", "1");
  world.close();
  REQUIRE(world.damageBatches([](const Op& op) { return op.type == OpType::Move; }) == 1);
  world.dropIndex();
  CHECK(require(world.engine->rebuild("anna")).commitsLost);
  world.reopen();
  CHECK(readBlob(*world.domain, kept) == sample(20'000, 7));
  require(world.domain->maintain(60'000'000));
  CHECK(readBlob(*world.domain, kept) == sample(20'000, 7));
  CHECK(get(*world.domain, "later") == "1");
}

TEST_CASE("a release counts whatever the sums say, and unfinished copies are nobody's") {
  const TempDir dir;
  const auto index = require(Index::open(dir.path(), Index::Mode::Bulk));
  Txn txn = require(index->beginWrite());
  Position position;
  Ledger ledger(txn, position);
  const auto note = [&](OpType type, const BlobRef& blob, Place to, std::uint32_t segment) {
    Op op;
    op.type = type;
    op.blob = blob;
    op.to = to;
    op.segment = segment;
    op.kind = SegmentKind::Pack;
    op.number = 9000;
    require(ledger.note(op));
  };
  const BlobRef blob{3, kFirstRecord, 100, 1};
  note(OpType::AddSegment, {}, {}, 3);
  note(OpType::Release, blob, {}, 0);  // its Attach is not known
  CHECK(require(isDead(txn, {3, kFirstRecord})));
  CHECK(position.bytesLive == 0);

  const BlobRef moved{4, kFirstRecord, 100, 1};
  note(OpType::AddSegment, {}, {}, 4);
  note(OpType::Attach, moved, {}, 0);
  note(OpType::AddSegment, {}, {}, 5);
  SegmentHeader pack;
  pack.kind = SegmentKind::Pack;
  pack.number = 5;
  const RecordHeader copy{RecordType::Msg, 100, 4, kFirstRecord, 1};
  CHECK_FALSE(require(isLive(txn, pack, 800, copy)));
  note(OpType::Move, moved, {5, 800}, 0);
  CHECK(require(isLive(txn, pack, 800, copy)));
  CHECK(require(isDead(txn, {4, kFirstRecord})));
  CHECK_FALSE(require(isLive(txn, pack, 2000, copy)));  // a second copy
  note(OpType::Release, moved, {}, 0);
  CHECK_FALSE(require(isLive(txn, pack, 800, copy)));
}
