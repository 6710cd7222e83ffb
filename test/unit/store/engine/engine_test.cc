// SPDX-License-Identifier: Apache-2.0
// What every engine promises, in one body for all of them.
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "common/store/engine/crc.h"
#include "test/unit/store/engine/fixture.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

TEMPLATE_TEST_CASE("rows are put, got, erased and scanned in key order", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  put(domain, "b", "2");
  put(domain, "a", "1");
  put(domain, View("c\0x", 3), View("\0\xff", 2));
  put(domain, "a", "one");
  CHECK(dump(domain) == Dump{{"a", "one"}, {"b", "2"}, {std::string("c\0x", 3), std::string("\0\xff", 2)}});
  CHECK(get(domain, "zz") == "<not-found>");
  require(domain.commit(Sync::Durable, [](Batch& batch) -> Status {
    PH_CHECK(batch.erase("b"));
    return batch.erase("never there");
  }));
  CHECK(get(domain, "b") == "<not-found>");
  CHECK(get(domain, "a") == "one");
}

TEMPLATE_TEST_CASE("scans keep their bounds and stop when told", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  require(domain.commit(Sync::Durable, [](Batch& batch) -> Status {
    for (const char* key : {"a", "b", "b1", "b2", "c", "\xff\xff"}) PH_CHECK(batch.put(key, key));
    return {};
  }));
  const auto keys = [&](View from, View to, std::size_t limit = 100) {
    std::string out;
    std::size_t seen = 0;
    const auto snapshot = require(domain.snapshot());
    require(snapshot->scan(from, to, [&](View key, View) {
      out += std::string(key) + ",";
      return ++seen < limit;
    }));
    return out;
  };
  CHECK(keys("b", "c") == "b,b1,b2,");
  CHECK(keys("b0", "") == "b1,b2,c,\xff\xff,");
  CHECK(keys("", "b") == "a,");
  CHECK(keys("c", "b").empty());
  CHECK(keys("b", "b").empty());
  CHECK(keys("", "", 2) == "a,b,");
}

TEMPLATE_TEST_CASE("ranges are erased, and the batch sees its own changes", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  put(domain, "a", "1");
  require(domain.commit(Sync::Durable, [](Batch& batch) -> Status {
    for (const char* key : {"m1", "m2", "m3", "n"}) PH_CHECK(batch.put(key, "x"));
    PH_CHECK(batch.eraseRange("m2", "n"));
    PH_CHECK(batch.put("m3", "again"));
    std::string seen;
    PH_CHECK(batch.scan("", "", [&](View key, View) {
      seen += std::string(key) + ",";
      return true;
    }));
    CHECK(seen == "a,m1,m3,n,");
    CHECK_FALSE(batch.get("m2").ok());
    PH_TRY(const View again, batch.get("m3"));
    CHECK(again == "again");
    return {};
  }));
  CHECK(dump(domain) == Dump{{"a", "1"}, {"m1", "x"}, {"m3", "again"}, {"n", "x"}});
  require(domain.commit(Sync::Durable, [](Batch& batch) { return batch.eraseRange("", ""); }));
  CHECK(dump(domain).empty());
}

TEMPLATE_TEST_CASE("a snapshot stands still while commits go on", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  put(*world.domain, "k", "old");
  const auto before = require(world.domain->snapshot());
  put(*world.domain, "k", "new");
  put(*world.domain, "l", "more");
  CHECK(require(before->get("k")) == "old");
  CHECK(codeOf(before->get("l")) == Errc::NotFound);
  const auto after = require(world.domain->snapshot());
  CHECK(require(after->get("k")) == "new");
  CHECK(after->version() > before->version());
}

TEMPLATE_TEST_CASE("versions grow with every commit that changes something", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  std::uint64_t last = require(domain.info()).version;
  for (int i = 0; i < 5; ++i) {
    const auto version = require(domain.commit(Sync::Visible, [&](Batch& batch) -> Status {
      CHECK(batch.version() == last);
      return batch.put("k", std::to_string(i));
    }));
    CHECK(version == last + 1);
    CHECK(require(domain.snapshot())->version() == version);
    last = version;
  }
  CHECK(require(domain.commit(Sync::Durable, [](Batch&) { return Status(); })) == last);
}

TEMPLATE_TEST_CASE("an error or an exception of a commit function changes nothing", "", MemoryKind,
                   EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  put(domain, "k", "kept");
  const auto before = require(domain.info());
  const auto writer = stage(domain, "a blob");
  const auto failed = domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_CHECK(batch.put("k", "lost"));
    PH_CHECK(batch.eraseRange("", ""));
    PH_CHECK(batch.attach(*writer));
    return makeError(Errc::OverQuota, "full");
  });
  CHECK(codeOf(failed) == Errc::OverQuota);
  const auto thrown = domain.commit(Sync::Durable, [](Batch& batch) -> Status {
    PH_CHECK(batch.put("k", "lost"));
    throw std::runtime_error("oops");
  });
  CHECK(codeOf(thrown) == Errc::Internal);
  CHECK(dump(domain) == Dump{{"k", "kept"}});
  CHECK(require(domain.info()).version == before.version);
  CHECK(require(domain.info()).bytesLive == before.bytesLive);
  // The writer was not spent by the failure.
  require(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_CHECK(batch.attach(*writer));
    return {};
  }));
}

TEMPLATE_TEST_CASE("keys, values and batches have bounds", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  const auto tryPut = [&](const std::string& key, const std::string& value) {
    return domain.commit(Sync::Durable, [&](Batch& batch) { return batch.put(key, value); });
  };
  const std::string longKey(kMaxKey, 'k');
  const std::string longValue = sample(kMaxValue);
  require(tryPut(longKey, longValue));
  CHECK(get(domain, longKey) == longValue);
  CHECK(codeOf(tryPut("", "x")) == Errc::Invalid);
  CHECK(codeOf(tryPut(longKey + "k", "x")) == Errc::TooBig);
  CHECK(codeOf(tryPut("k", longValue + "x")) == Errc::TooBig);
  CHECK(get(domain, longKey + "k") == "<not-found>");
  const auto much = domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
    for (std::size_t i = 0; i <= kMaxBatch / kMaxValue; ++i)
      PH_CHECK(batch.put("big" + std::to_string(i), longValue));
    return {};
  });
  CHECK(codeOf(much) == Errc::Limit);
  CHECK(dump(domain).size() == 1);
}

TEMPLATE_TEST_CASE("a batch erases a bounded number of rows", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  for (std::uint32_t i = 0; i <= kMaxErased;) {
    require(domain.commit(Sync::Durable, [&, first = i](Batch& batch) -> Status {
      for (i = first; i <= kMaxErased && i < first + 20000; ++i) {
        Bytes key = "r";
        putBe(key, i);
        PH_CHECK(batch.put(key, ""));
      }
      return {};
    }));
  }
  const auto all = domain.commit(Sync::Durable, [](Batch& batch) { return batch.eraseRange("r", "s"); });
  CHECK(codeOf(all) == Errc::Limit);
  CHECK(dump(domain).size() == kMaxErased + 1);
  Bytes last = "r";
  putBe(last, static_cast<std::uint32_t>(kMaxErased));
  require(domain.commit(Sync::Durable, [&](Batch& batch) { return batch.eraseRange("r", last); }));
  CHECK(dump(domain).size() == 1);
}

TEMPLATE_TEST_CASE("blobs of every size come back byte for byte", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  std::map<std::size_t, BlobRef> refs;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8192}, std::size_t{256 * 1024},
        std::size_t{256 * 1024 + 1}, std::size_t{3'000'000}}) {
    const std::string bytes = sample(size, static_cast<std::uint32_t>(size));
    const auto writer = require(domain.blob(size));
    for (std::size_t at = 0; at < size; at += 70'001) require(writer->write(View(bytes).substr(at, 70'001)));
    require(writer->seal());
    CHECK(writer->size() == size);
    BlobRef ref;
    require(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
      PH_TRY(ref, batch.attach(*writer));
      return {};
    }));
    CHECK(ref.length == size);
    CHECK(ref.crc == crc32Of(bytes));
    refs[size] = ref;
  }
  for (const auto& [size, ref] : refs) {
    CHECK(readBlob(domain, ref) == sample(size, static_cast<std::uint32_t>(size)));
    require(domain.verify(ref));
  }
  const auto slice = require(domain.read(refs[8192], 8000, 1000));
  CHECK(slice.length == 192);
  char out[192];
  CHECK(require(slice.read(0, out, sizeof out)) == 192);
  CHECK(View(out, 192) == View(sample(8192, 8192)).substr(8000));
  CHECK(require(domain.read(refs[8192], 9000, 1)).length == 0);
  BlobRef wrong = refs[8192];
  wrong.crc ^= 1;
  CHECK(codeOf(domain.read(wrong, 0, 1)) == Errc::Corrupt);
}

TEMPLATE_TEST_CASE("attaching needs a sealed blob, once", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  const auto tryAttach = [&](BlobWriter& writer) {
    return domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
      PH_CHECK(batch.attach(writer));
      return {};
    });
  };
  const auto writer = require(domain.blob(3));
  require(writer->write("abc"));
  CHECK(codeOf(tryAttach(*writer)) == Errc::Invalid);
  require(writer->seal());
  CHECK(codeOf(writer->write("d")) == Errc::Invalid);
  require(tryAttach(*writer));
  CHECK(codeOf(tryAttach(*writer)) == Errc::Invalid);
  const auto twice = stage(domain, "xyz");
  CHECK(codeOf(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
          PH_CHECK(batch.attach(*twice));
          PH_CHECK(batch.attach(*twice));
          return {};
        })) == Errc::Invalid);
}

TEMPLATE_TEST_CASE("released space is counted, once", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  const BlobRef small = attach(domain, sample(1000));
  const BlobRef large = attach(domain, sample(400'000));
  const auto before = require(domain.info());
  CHECK(before.bytesLive >= 401'000);
  CHECK(before.bytesLive < 402'000);
  CHECK(before.bytesDead == 0);
  CHECK(before.bytesLog >= before.bytesLive);
  for (int i = 0; i < 2; ++i) {
    require(domain.commit(Sync::Durable, [&](Batch& batch) { return batch.release(small); }));
    const auto info = require(domain.info());
    CHECK(info.bytesDead >= 1000);
    CHECK(info.bytesDead < 1100);
    CHECK(info.bytesLive + info.bytesDead == before.bytesLive);
  }
  CHECK(readBlob(domain, small) == sample(1000));  // until maintain
  require(domain.commit(Sync::Durable, [&](Batch& batch) { return batch.release(large); }));
  require(domain.maintain(1'000'000));
  CHECK(require(domain.info()).bytesLive == 0);
  CHECK(codeOf(domain.read(large, 0, 10)) == Errc::Corrupt);
}

TEMPLATE_TEST_CASE("a slice outlives the blob that it shows", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  const BlobRef ref = attach(*world.domain, sample(400'000));
  const auto slice = require(world.domain->read(ref, 0, ref.length));
  require(world.domain->commit(Sync::Durable, [&](Batch& batch) { return batch.release(ref); }));
  require(world.domain->maintain(1'000'000));
  std::string out(400'000, '\0');
  CHECK(require(slice.read(0, out.data(), out.size())) == out.size());
  CHECK(out == sample(400'000));
}

TEMPLATE_TEST_CASE("a commit inside of a commit function is refused, a snapshot is not", "", EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  put(domain, "k", "1");
  require(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
    PH_CHECK(batch.put("k", "2"));
    CHECK(get(domain, "k") == "1");
    CHECK(codeOf(domain.commit(Sync::Durable, [](Batch&) { return Status(); })) == Errc::Internal);
    return {};
  }));
  CHECK(get(domain, "k") == "2");
}

TEMPLATE_TEST_CASE("eight threads count together without losing one", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Domain& domain = *world.domain;
  put(domain, "n", "0");
  constexpr int kThreads = 8;
  constexpr int kRounds = 40;
  std::atomic<int> wrong{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        const bool fails = i % 5 == 4;  // its change must go, and nobody else's
        const auto done = domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
          PH_TRY(const View raw, batch.get("n"));
          const int n = std::stoi(std::string(raw));
          PH_CHECK(batch.put("n", std::to_string(n + 1)));
          PH_CHECK(batch.put("t" + std::to_string(t) + "." + std::to_string(i), std::to_string(n + 1)));
          if (fails) return makeError(Errc::OverQuota, "no");
          return {};
        });
        if (fails ? done.ok() || done.error().code != Errc::OverQuota : !done.ok()) ++wrong;
        if (fails) ++refused;
        const auto snapshot = domain.snapshot();
        if (!snapshot.ok() || !(*snapshot)->get("n").ok()) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(get(domain, "n") == std::to_string(kThreads * kRounds - refused));
  CHECK(dump(domain).size() == 1 + static_cast<std::size_t>(kThreads * kRounds - refused));
  CHECK(require(domain.info()).version == 1 + static_cast<std::uint64_t>(kThreads * kRounds - refused));
}

TEMPLATE_TEST_CASE("accounts are opened, listed and removed", "", MemoryKind, EmbeddedKind) {
  World<TestType> world;
  Engine& engine = *world.engine;
  CHECK(codeOf(engine.open("nobody", Engine::Create::No)) == Errc::NotFound);
  CHECK(codeOf(engine.open("", Engine::Create::Yes)) == Errc::Invalid);
  CHECK(codeOf(engine.open(View("a\0b", 3), Engine::Create::Yes)) == Errc::Invalid);
  CHECK(codeOf(engine.open(std::string(256, 'a'), Engine::Create::Yes)) == Errc::Invalid);
  const std::vector<std::string> names = {"..",
                                          "../../etc",
                                          "a/b",
                                          ".aside-x",
                                          "B\xc3\xb6rge@ex.org",
                                          "=41",
                                          std::string(255, '/'),
                                          std::string(255, 'x'),
                                          "anna+x"};
  for (const auto& name : names) put(*require(engine.open(name, Engine::Create::Yes)), "me", name);
  std::map<std::string, int> seen;
  require(engine.accounts([&](View account) {
    ++seen[std::string(account)];
    return true;
  }));
  CHECK(seen.size() == names.size() + 1);
  for (const auto& name : names) {
    CHECK(seen[name] == 1);
    CHECK(get(*require(engine.open(name, Engine::Create::No)), "me") == name);
  }
  const auto held = require(engine.open("a/b", Engine::Create::No));
  require(engine.remove("a/b"));
  CHECK(codeOf(engine.open("a/b", Engine::Create::No)) == Errc::NotFound);
  CHECK(codeOf(engine.remove("a/b")) == Errc::NotFound);
  CHECK(codeOf(held->snapshot()) == Errc::NotFound);
  CHECK(codeOf(held->commit(Sync::Durable, [](Batch& batch) { return batch.put("k", "v"); })) ==
        Errc::NotFound);
  CHECK(dump(*require(engine.open("a/b", Engine::Create::Yes))).empty());
}

TEST_CASE("no engine answers to a strange url") {
  CHECK(codeOf(openEngine("rados:x")) == Errc::Invalid);
  CHECK(codeOf(openEngine("embedded:/no/such/directory")) == Errc::NotFound);
}
