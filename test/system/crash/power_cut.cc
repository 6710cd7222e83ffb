// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "test/system/crash/disk.h"
#include "test/system/crash/harness.h"

// Defined by the recorder when it is preloaded.
extern "C" __attribute__((weak)) void posthornTraceAck(const char* line, std::size_t size);  // NOLINT

namespace posthorn::crash {

static constexpr unsigned kThreads = 3;
static constexpr unsigned kSteps = 60;
static constexpr unsigned kCutsPerTrace = 40;

int recordChild(Workload& workload, const std::string& root, unsigned threads, unsigned steps) {
  if (posthornTraceAck == nullptr) return 4;
  const auto engine = store::openEngine("embedded:" + root);
  if (!engine.ok()) return 5;
  std::mutex mutex;
  bool failed = false;
  std::vector<std::thread> running;
  for (unsigned t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (unsigned i = 0; i < steps; ++i) {
        const auto ack = workload.step(**engine, t);
        const std::lock_guard<std::mutex> guard(mutex);
        if (!ack.ok()) {
          failed = true;
          std::fprintf(stderr, "recorded step: %s\n", ack.error().describe().c_str());
          return;
        }
        const std::string line = encodeAck(*ack);
        posthornTraceAck(line.data(), line.size());
      }
    });
  }
  for (auto& thread : running) thread.join();
  return failed ? 6 : 0;
}

namespace {

bool record(const std::string& recorder, const std::vector<std::string>& self, const std::string& root,
            const std::string& trace) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setenv("LD_PRELOAD", recorder.c_str(), 1);       // NOLINT(concurrency-mt-unsafe): alone after fork
    ::setenv("POSTHORN_TRACE", trace.c_str(), 1);      // NOLINT(concurrency-mt-unsafe)
    ::setenv("POSTHORN_TRACE_ROOT", root.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    std::vector<std::string> words = self;
    for (const auto& word : {root, std::to_string(kThreads), std::to_string(kSteps)}) words.push_back(word);
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  std::fprintf(stderr, "power cut: the recorded run failed, status %d\n", status);
  return false;
}

std::string readFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Call {
  TraceHeader header;
  std::string_view name;
  std::string_view data;
};

std::vector<Call> parseTrace(const std::string& raw) {
  std::vector<Call> calls;
  for (std::size_t at = 0; at + sizeof(TraceHeader) <= raw.size();) {
    Call call;
    std::memcpy(&call.header, raw.data() + at, sizeof call.header);
    at += sizeof call.header;
    call.name = std::string_view(raw).substr(at, call.header.nameSize);
    at += call.header.nameSize;
    call.data = std::string_view(raw).substr(at, call.header.dataSize);
    at += call.header.dataSize;
    calls.push_back(call);
  }
  return calls;
}

// Opens the store as after a boot, judges it, goes on writing, and judges again.
int judge(Workload& workload, const std::string& root, std::vector<Ack> acks) {
  for (int pass = 0; pass < 2; ++pass) {
    auto engine = store::openEngine("embedded:" + root);
    Status status = engine.ok() ? workload.check(**engine, acks) : Status(engine.error());
    for (unsigned writer = 0; status.ok() && pass == 0 && writer < 2 * kThreads; ++writer) {
      auto ack = workload.step(**engine, writer % kThreads);
      if (!ack.ok())
        status = ack.error();
      else
        acks.push_back(*ack);
    }
    if (status.ok()) continue;
    std::fprintf(stderr, "%s (%s)\n", status.error().describe().c_str(),
                 pass == 0 ? "after the cut" : "later");
    return 1;
  }
  return 0;
}

bool judgeApart(Workload& workload, const std::string& root, const std::vector<Ack>& acks) {
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(judge(workload, root, acks));
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) std::fprintf(stderr, "BROKEN: the store died of signal %d\n", WTERMSIG(status));
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct Cutter {
  Workload& workload;
  std::string scratch;
  std::mt19937_64 random;
  std::size_t acksSeen = 0;

  bool cutTrace(const std::string& raw, unsigned cuts) {
    const auto calls = parseTrace(raw);
    std::multiset<std::size_t> points;
    for (unsigned i = 0; i < cuts; ++i) points.insert(random() % (calls.size() + 1));
    Disk disk;
    std::vector<Ack> acks;
    for (std::size_t at = 0; at <= calls.size(); ++at) {
      for (std::size_t i = 0; i < points.count(at); ++i)
        if (!cutHere(disk, acks, at)) return false;
      if (at == calls.size()) break;
      disk.apply(calls[at].header, calls[at].name, calls[at].data);
      if (calls[at].header.op != TraceOp::Ack) continue;
      for (const Ack& ack : decodeAcks(calls[at].data)) acks.push_back(ack);
    }
    acksSeen += acks.size();
    return true;
  }

  bool cutHere(const Disk& disk, const std::vector<Ack>& acks, std::size_t at) {
    const std::string root = scratch + "/cut";
    std::filesystem::remove_all(root);
    disk.materialise(root, random);
    std::filesystem::remove_all(root + ".kept");
    if (std::getenv("POSTHORN_CRASH_KEEP") != nullptr)  // NOLINT(concurrency-mt-unsafe)
      std::filesystem::copy(root, root + ".kept", std::filesystem::copy_options::recursive);
    if (judgeApart(workload, root, acks)) return true;
    std::fprintf(stderr, "power cut: FAILED at call %zu\n", at);
    return false;
  }
};

}  // namespace

int powerCut(Workload& workload, unsigned cuts, const std::string& recorder,
             const std::vector<std::string>& self) {
  const char* fixed = std::getenv("POSTHORN_CRASH_SEED");  // NOLINT(concurrency-mt-unsafe)
  const std::uint64_t seed = fixed != nullptr ? std::strtoull(fixed, nullptr, 10) : std::random_device{}();
  const char* base = std::getenv("POSTHORN_CRASH_DIR");  // NOLINT(concurrency-mt-unsafe)
  const ScratchDir traces(base != nullptr ? base : "/tmp");
  // The disks after a cut need no real flushes.
  const ScratchDir disks(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp");
  Cutter cutter{workload, disks.path(), std::mt19937_64(seed)};
  for (unsigned done = 0; done < cuts; done += kCutsPerTrace) {
    const std::string root = traces.path() + "/store" + std::to_string(done);
    std::filesystem::create_directory(root);
    const std::string trace = root + ".trace";
    const bool fine = record(recorder, self, root, trace) &&
                      cutter.cutTrace(readFile(trace), std::min(kCutsPerTrace, cuts - done));
    std::filesystem::remove_all(root);
    if (!fine) {
      std::fprintf(stderr, "power cut: seed %lu\n", static_cast<unsigned long>(seed));
      return 1;
    }
    std::filesystem::remove(trace);
  }
  std::printf("power cut: %u cuts over runs with %zu acknowledged commits, none lost\n", cuts,
              cutter.acksSeen);
  return 0;
}

}  // namespace posthorn::crash
