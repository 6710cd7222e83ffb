// SPDX-License-Identifier: Apache-2.0
#include "common/store/hash_index.h"

#include <algorithm>
#include <random>
#include <set>

#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using store::test::must;

namespace {

/// Runs `work` in one commit on a bare domain.
void inCommit(Domain& domain, const std::function<void(Edit&)>& work) {
  must(domain.commit(Sync::Durable, [&](Batch& batch) -> Status {
    Edit edit(batch);
    work(edit);
    return edit.flush();
  }));
}

}  // namespace

TEST_CASE("a hash index finds what was put, through thousands of splits") {
  auto engine = must(openEngine("memory:"));
  auto domain = must(engine->open("x", Engine::Create::Yes));
  std::mt19937_64 random(1);  // NOLINT(bugprone-random-generator-seed)
  std::map<std::uint64_t, std::uint64_t> model;
  IndexState state;
  for (int commit = 0; commit < 60; ++commit)
    inCommit(*domain, [&](Edit& edit) {
      for (int i = 0; i < 200; ++i) {
        const bool drops = random() % 3 == 0 && !model.empty();
        const auto key = drops ? model.lower_bound(random()) : model.end();
        if (key != model.end()) {
          must(kMessageIds.erase(edit, state, key->first));
          model.erase(key);
        } else {
          const auto fresh = random();
          must(kMessageIds.put(edit, state, fresh, fresh / 3));
          model[fresh] = fresh / 3;
        }
      }
    });
  CHECK(state.entries == model.size());
  CHECK(state.buckets > 100);
  const auto snapshot = must(domain->snapshot());
  for (const auto& [key, value] : model) CHECK(must(kMessageIds.find(*snapshot, state, key)) == value);
  CHECK_FALSE(must(kMessageIds.find(*snapshot, state, 12345)));
}

TEST_CASE("sweeping forgets what is declined and nothing else") {
  auto engine = must(openEngine("memory:"));
  auto domain = must(engine->open("x", Engine::Create::Yes));
  IndexState state;
  inCommit(*domain, [&](Edit& edit) {
    for (std::uint64_t i = 1; i <= 500; ++i) must(kMessageIds.put(edit, state, i * 0x9E3779B97F4A7C15ULL, i));
    const auto buckets = state.buckets;
    for (std::uint32_t i = 0; i < buckets; ++i)
      must(
          kMessageIds.sweep(edit, state, [](std::uint64_t value) -> Result<bool> { return value % 2 == 0; }));
    CHECK(state.entries == 250);
    for (std::uint64_t i = 1; i <= 500; ++i)
      CHECK(must(kMessageIds.find(edit, state, i * 0x9E3779B97F4A7C15ULL)).has_value() == (i % 2 == 0));
  });
}

TEST_CASE("hash lists hold any number of values") {
  auto engine = must(openEngine("memory:"));
  auto domain = must(engine->open("x", Engine::Create::Yes));
  std::mt19937_64 random(2);  // NOLINT(bugprone-random-generator-seed)
  std::map<std::uint64_t, std::multiset<std::uint64_t>> model;
  IndexState state;
  for (int commit = 0; commit < 40; ++commit)
    inCommit(*domain, [&](Edit& edit) {
      for (int i = 0; i < 100; ++i) {
        const std::uint64_t id = 1 + random() % 20;
        auto& list = model[id];
        if (random() % 5 < 2 && !list.empty()) {
          const auto victim = std::next(list.begin(), static_cast<long>(random() % list.size()));
          must(kThreads.remove(edit, state, id, *victim));
          list.erase(victim);
        } else {
          const auto value = random();
          must(kThreads.add(edit, state, id, value));
          list.insert(value);
        }
      }
    });
  const auto snapshot = must(domain->snapshot());
  for (const auto& [id, list] : model) {
    auto values = must(kThreads.all(*snapshot, state, id));
    std::sort(values.begin(), values.end());
    CHECK(values == std::vector<std::uint64_t>(list.begin(), list.end()));
  }
  CHECK(must(kThreads.all(*snapshot, state, 999)).empty());
}
