// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/unique_fd.h"
#include "test/system/crash/harness.h"

namespace posthorn::crash {

ScratchDir::ScratchDir(const std::string& base) {
  std::string pattern = base + "/posthorn-crash-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

ScratchDir::~ScratchDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

struct Writer {
  pid_t pid = -1;
  UniqueFd acks;
  std::string lines;
};

// An ack counts once it is in the pipe: the writer knew of its commit, so somebody could have been told.
[[noreturn]] void runWriter(Workload& workload, const std::string& root, std::uint64_t writer, int pipe) {
  auto engine = store::openEngine("embedded:" + root);
  while (engine.ok()) {
    const auto ack = workload.step(**engine, writer);
    if (!ack.ok()) {
      std::fprintf(stderr, "writer %lu: %s\n", static_cast<unsigned long>(writer),
                   ack.error().describe().c_str());
      break;
    }
    const std::string line = encodeAck(*ack);
    if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) break;
  }
  ::_exit(3);
}

Writer startWriter(Workload& workload, const std::string& root, std::uint64_t number) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  Writer writer;
  std::fflush(nullptr);
  writer.pid = ::fork();
  if (writer.pid == 0) {
    ::close(ends[0]);
    runWriter(workload, root, number, ends[1]);
  }
  ::close(ends[1]);
  writer.acks.reset(ends[0]);
  return writer;
}

// False at the end of the pipe.
bool drain(Writer& writer) {
  char buffer[4096];
  const ssize_t got = ::read(writer.acks.get(), buffer, sizeof buffer);
  if (got > 0) writer.lines.append(buffer, static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && errno == EINTR);
}

void collectFor(std::vector<Writer>& writers, std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    std::vector<pollfd> polls;
    polls.reserve(writers.size());
    for (const auto& writer : writers) polls.push_back({writer.acks.get(), POLLIN, 0});
    if (::poll(polls.data(), polls.size(), static_cast<int>(left.count())) <= 0) continue;
    for (std::size_t i = 0; i < writers.size(); ++i)
      if ((polls[i].revents & POLLIN) != 0) drain(writers[i]);
  }
}

// All of them, in a random order; true when each of them was still running.
bool killAll(std::vector<Writer>& writers, std::mt19937_64& random) {
  std::shuffle(writers.begin(), writers.end(), random);
  bool running = true;
  for (auto& writer : writers) {
    ::kill(writer.pid, SIGKILL);
    int status = 0;
    ::waitpid(writer.pid, &status, 0);
    running = running && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    while (drain(writer)) {
    }
  }
  return running;
}

// Checked in a process of its own, so that the parent never has an environment open when it forks.
bool checkApart(Workload& workload, const std::string& root, const std::vector<Ack>& acks) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    auto engine = store::openEngine("embedded:" + root);
    const Status status = engine.ok() ? workload.check(**engine, acks) : Status(engine.error());
    if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().describe().c_str());
    ::_exit(status.ok() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int killLoop(Workload& workload, unsigned rounds, unsigned writerCount) {
  const std::uint64_t seed = std::random_device{}();
  std::mt19937_64 random(seed);
  const char* base = std::getenv("POSTHORN_CRASH_DIR");  // NOLINT(concurrency-mt-unsafe)
  const ScratchDir dir(base != nullptr ? base : "/tmp");
  std::vector<Ack> acks;
  for (unsigned round = 1; round <= rounds; ++round) {
    std::vector<Writer> writers;
    for (unsigned i = 0; i < writerCount; ++i) writers.push_back(startWriter(workload, dir.path(), i));
    collectFor(writers, std::chrono::milliseconds(20 + random() % 180));
    const bool running = killAll(writers, random);
    for (const auto& writer : writers)
      for (const Ack& ack : decodeAcks(writer.lines)) acks.push_back(ack);
    // The long run checks every tenth round: checking reads all that was ever written.
    const bool checked = rounds <= 50 || round % 10 == 0 || round == rounds;
    if (!running || (checked && !checkApart(workload, dir.path(), acks))) {
      std::fprintf(stderr, "kill loop: FAILED in round %u (seed %lu)\n", round,
                   static_cast<unsigned long>(seed));
      return 1;
    }
  }
  std::printf("kill loop: %u rounds, %u writers, %zu commits acknowledged, none lost\n", rounds, writerCount,
              acks.size());
  return 0;
}

}  // namespace posthorn::crash
