// SPDX-License-Identifier: Apache-2.0
// store_bench [smoke] [DIRECTORY]: how long the store's common operations take, on the disk of DIRECTORY
// ($TMPDIR or /tmp). `smoke` does few rounds, and fails when a large maildrop opens too slowly. Any operation
// that fails makes it fail.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "common/base/unique_fd.h"
#include "common/log/logger.h"
#include "common/store/maildrop.h"
#include "common/store/store.h"
#include "test/bench/fill.h"

namespace {

using namespace posthorn;

constexpr std::uint64_t kOctets = 8192;
constexpr unsigned kProcesses = 8;
constexpr std::uint64_t kFillOctets = 300;
constexpr double kMaildropLimitMs = 100;

#if defined(__OPTIMIZE__) && !defined(POSTHORN_SANITIZED)
constexpr bool kTimed = true;
constexpr std::uint64_t kMaildrop = 100'000;
#else
constexpr bool kTimed = false;
constexpr std::uint64_t kMaildrop =
    5'000;  // these builds take many times as long, and their times mean nothing
#endif

using Millis = std::vector<double>;

/// Runs `once` so many times; its times in milliseconds.
Result<Millis> measure(unsigned rounds, const std::function<Status(unsigned round)>& once) {
  Millis times;
  for (unsigned i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    PH_CHECK(once(i));
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
  }
  return times;
}

/// The part `share` of all times is not longer.
double percentile(Millis times, double share) {
  std::sort(times.begin(), times.end());
  return times.at(static_cast<std::size_t>(share * static_cast<double>(times.size() - 1)));
}

void print(const char* what, const Millis& times) {
  std::printf("%-52s median %8.3f ms  p95 %8.3f ms  max %8.3f ms  (%zu)\n", what, percentile(times, 0.5),
              percentile(times, 0.95), percentile(times, 1), times.size());
}

using StorePtr = std::shared_ptr<store::Store>;

Result<StorePtr> openStore(const std::string& root) {
  return store::Store::open("embedded:" + root + "/store");
}

Result<store::AccountHandle> openAccount(store::Store& store, const char* id) {
  return store.account({id, "", {}}, store::Engine::Create::Yes);
}

Result<Millis> appends(const store::AccountHandle& account, unsigned rounds, std::uint64_t first) {
  PH_TRY(auto inbox, account.mailbox("INBOX"));
  return measure(rounds, [&](unsigned i) -> Status {
    PH_TRY(auto message, account.message(kOctets));
    PH_CHECK(message.write(bench::messageText(first + i, kOctets)));
    PH_CHECK(message.finish({1'700'000'000, 0}));
    PH_TRY(const auto result, inbox.append(message));
    return result.uids.size() == 1 ? Status() : makeError(Errc::Internal, "no UID for a message");
  });
}

/// The same by deliver(): what the rules of the quota cost far below the threshold.
Result<Millis> deliveries(store::Store& store, unsigned rounds) {
  const store::Quota roomy{std::int64_t{1} << 40, 1'000'000'000};
  PH_TRY(auto account, store.account({"quota", "", roomy}, store::Engine::Create::Yes));
  PH_TRY(auto inbox, account.mailbox("INBOX"));
  return measure(rounds, [&](unsigned i) -> Status {
    PH_TRY(auto message, account.message(kOctets));
    PH_CHECK(message.write(bench::messageText(i, kOctets)));
    PH_CHECK(message.finish({1'700'000'000, 0}));
    PH_TRY(const auto result, inbox.deliver(message));
    return result.appended.uids.size() == 1 ? Status() : makeError(Errc::Internal, "no UID for a message");
  });
}

struct Child {
  pid_t pid = -1;
  UniqueFd times;
};

Status writeAll(const std::string& root, unsigned number, unsigned rounds, int go, int out) {
  PH_TRY(const auto store, openStore(root));
  PH_TRY(const auto account, openAccount(*store, "shared"));
  char byte = 0;
  if (::read(go, &byte, 1) != 0) return errnoError("read");  // its end is the sign to begin
  PH_TRY(const auto times, appends(account, rounds, number * 100'000ULL));
  const std::size_t size = times.size() * sizeof(double);
  return ::write(out, times.data(), size) == static_cast<ssize_t>(size) ? Status() : errnoError("write");
}

[[noreturn]] void runChild(const std::string& root, unsigned number, unsigned rounds, int go, int out) {
  const Status status = writeAll(root, number, rounds, go, out);
  if (!status.ok()) std::fprintf(stderr, "store_bench: %s\n", status.error().describe().c_str());
  ::_exit(status.ok() ? 0 : 1);
}

Result<Child> startChild(const std::string& root, unsigned number, unsigned rounds, const int (&go)[2]) {
  int ends[2];
  if (::pipe(ends) != 0) return errnoError("pipe");
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return errnoError("fork");
  if (pid == 0) {
    ::close(go[1]);
    runChild(root, number, rounds, go[0], ends[1]);
  }
  ::close(ends[1]);
  return Child{pid, UniqueFd(ends[0])};
}

Status collect(Child& child, Millis& times) {
  double value = 0;
  while (::read(child.times.get(), &value, sizeof value) == static_cast<ssize_t>(sizeof value))
    times.push_back(value);
  int status = 0;
  ::waitpid(child.pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0
             ? Status()
             : makeError(Errc::Internal, "a writing process failed");
}

// Comes first: the store is never opened before a fork.
Status manyProcesses(const std::string& root, unsigned rounds) {
  int go[2];
  if (::pipe(go) != 0) return errnoError("pipe");
  std::vector<Child> children;
  for (unsigned i = 0; i < kProcesses; ++i) {
    PH_TRY(auto child, startChild(root, i, rounds, go));
    children.push_back(std::move(child));
  }
  ::close(go[0]);
  const auto begin = std::chrono::steady_clock::now();
  ::close(go[1]);
  Millis times;
  Status done;
  for (auto& child : children)
    if (const Status one = collect(child, times); !one.ok()) done = one;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  PH_CHECK(done);
  if (times.size() != std::size_t{kProcesses} * rounds)
    return makeError(Errc::Internal, "appends are missing");
  print("append 8 KB, 8 processes on one account", times);
  std::printf("%-52s %.0f appends per second\n", "  all together",
              static_cast<double>(times.size()) / seconds);
  return {};
}

Status oneWriter(store::Store& store, unsigned rounds) {
  PH_TRY(const auto account, openAccount(store, "single"));
  PH_TRY(const auto times, appends(account, rounds, 1));
  print("append 8 KB, one writer", times);
  PH_TRY(const auto delivered, deliveries(store, rounds));
  print("deliver 8 KB, one writer, far below the quota", delivered);
  PH_TRY(auto inbox, account.mailbox("INBOX"));
  PH_TRY(const auto uids, inbox.uids());
  PH_TRY(const auto flags, measure(rounds, [&](unsigned i) -> Status {
           const auto set = store::UidSet::of(std::vector<store::Uid>{uids.at(i)});
           PH_TRY(const auto result,
                  inbox.storeFlags(set, {store::FlagChange::Mode::Add, store::kSeen, {}, std::nullopt}));
           return result.changed.size() == 1 ? Status() : makeError(Errc::Internal, "a flag was not set");
         }));
  print("store one flag", flags);
  return {};
}

Status largeMaildrop(store::Store& store, bool smoke) {
  PH_TRY(const auto account, openAccount(store, "large"));
  PH_TRY(auto inbox, account.mailbox("INBOX"));
  PH_CHECK(bench::fill(account, inbox, kMaildrop, kFillOctets));
  PH_TRY(const auto times, measure(11, [&](unsigned) -> Status {
           PH_TRY(const auto drop, store::Maildrop::open(account));
           return drop.count() == kMaildrop ? Status() : makeError(Errc::Internal, "messages are missing");
         }));
  print(("open a maildrop of " + std::to_string(kMaildrop) + " messages, warm").c_str(), times);
  if (!kTimed) {
    std::puts("NOT TIMED: not an optimised build; the time of the large maildrop is not judged");
    return {};
  }
  if (smoke && percentile(times, 0.5) >= kMaildropLimitMs)
    return makeError(Errc::Limit, "a maildrop of 100000 messages takes 100 ms or more to open");
  return {};
}

Status run(const std::string& root, bool smoke) {
  PH_CHECK(manyProcesses(root, smoke ? 10 : 250));
  PH_TRY(const auto store, openStore(root));
  PH_CHECK(oneWriter(*store, smoke ? 20 : 1000));
  return largeMaildrop(*store, smoke);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const bool smoke = !words.empty() && words.front() == "smoke";
  if (smoke) words.erase(words.begin());
  if (words.size() > 1) {
    std::fputs("usage: store_bench [smoke] [DIRECTORY]\n", stderr);
    return 64;
  }
  log::Settings quiet;
  quiet.process = "store_bench";
  quiet.level = log::Level::Error;
  if (!log::configure(quiet).ok()) return 2;
  const std::string base = words.empty() ? std::filesystem::temp_directory_path().string() : words.front();
  std::string root = base + "/posthorn-bench-XXXXXX";
  if (::mkdtemp(root.data()) == nullptr) {
    std::perror("store_bench: a directory to work in");
    return 1;
  }
  const Status status = run(root, smoke);
  std::error_code ignored;
  std::filesystem::remove_all(root, ignored);
  if (status.ok()) return 0;
  std::fprintf(stderr, "store_bench: FAILED: %s\n", status.error().describe().c_str());
  return 1;
}
