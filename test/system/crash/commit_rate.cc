// SPDX-License-Identifier: Apache-2.0
// commit_rate ROOT SECONDS ACCOUNTS THREADS: durable commits (a 4 KB blob and four rows) per second of one
// process.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "common/base/ascii.h"
#include "common/store/engine/engine.h"

using namespace posthorn;

static Status commitOne(store::Domain& domain, std::uint64_t n) {
  PH_TRY(const auto blob, domain.blob(4096));
  PH_CHECK(blob->write(std::string(4096, static_cast<char>('a' + n % 26))));
  PH_CHECK(blob->seal());
  const auto work = [&](store::Batch& batch) -> Status {
    PH_CHECK(batch.attach(*blob));
    for (const char* key : {"H", "C", "M", "U"})
      PH_CHECK(batch.put(key + std::to_string(n % 1000), std::string(200, 'v')));
    return {};
  };
  PH_CHECK(domain.commit(store::Sync::Durable, work));
  return {};
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const auto number = [&](int i) { return ascii::number(argv[i]).value_or(1); };
  const auto engine = store::openEngine(std::string("embedded:") + argv[1]);
  if (!engine.ok()) return 1;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(number(2));
  std::atomic<std::uint64_t> commits{0};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < number(4); ++t) {
    threads.emplace_back([&, t] {
      const auto domain = (*engine)->open("rate" + std::to_string(t % number(3)), store::Engine::Create::Yes);
      while (domain.ok() && std::chrono::steady_clock::now() < end)
        if (!commitOne(**domain, ++commits).ok()) ++failures;
    });
  }
  for (auto& thread : threads) thread.join();
  std::printf("accounts %s threads %s: %llu commits, %llu per second, %d failures\n", argv[3], argv[4],
              static_cast<unsigned long long>(commits.load()),
              static_cast<unsigned long long>(commits.load() / number(2)), failures.load());
  return failures == 0 ? 0 : 1;
}
