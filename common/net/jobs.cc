// SPDX-License-Identifier: Apache-2.0
#include "common/net/jobs.h"

#include <algorithm>
#include <exception>
#include <thread>

#include <malloc.h>

#include "common/base/assert.h"
#include "common/net/messages.h"

namespace posthorn::net {
namespace {

#ifdef POSTHORN_SANITIZED
constexpr std::size_t kStackBytes = 1024UL * 1024;  // instrumented frames are several times as large
#else
constexpr std::size_t kStackBytes = 256UL * 1024;
#endif
constexpr int kMallocArenas = 4;

std::size_t index(JobKind kind) {
  return static_cast<std::size_t>(kind);
}

JobKind other(JobKind kind) {
  return kind == JobKind::Store ? JobKind::Auth : JobKind::Store;
}

}  // namespace

Jobs::Jobs(Loop& loop, SessionTable& sessions, const Limits& limits, stats::Slot slot)
    : loop_(loop),
      sessions_(sessions),
      limits_(limits),
      slot_(std::move(slot)),
      alive_(std::make_shared<bool>(true)) {
  const unsigned most = std::max(1U, limits_.maxThreads);
  // Hashing a password takes a core and, by design of the hash, many megabytes: more at once than a few for
  // each core would only cost memory.
  const unsigned hashing = std::max(4U, 4 * std::thread::hardware_concurrency());
  share_[index(JobKind::Auth)] = std::clamp(most / 4, 1U, hashing);
  // One thread is always left for logins, however many slow store jobs there are.
  share_[index(JobKind::Store)] = std::max(1U, most - 1);
}

Jobs::~Jobs() {
  loop_.assertHere();
  *alive_ = false;
  std::array<std::deque<std::unique_ptr<Job>>, kJobKinds> dropped;
  std::vector<pthread_t> ended;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    for (Idler* idler : idle_) {
      idler->called = true;
      idler->wake.notify_one();
    }
    idle_.clear();
    allGone_.wait(lock, [this] { return threads_ == 0; });
    ended.swap(finished_);
  }
  for (const pthread_t thread : ended) ::pthread_join(thread, nullptr);
}

void Jobs::capMallocArenas() {
  ::mallopt(M_ARENA_MAX, kMallocArenas);  // NOLINT(concurrency-mt-unsafe): before the first thread
}

Status Jobs::enqueue(JobKind kind, std::unique_ptr<Job> job) {
  loop_.assertHere();
  reapFinished();
  const std::unique_lock<std::mutex> lock(mutex_);
  auto& queue = queue_[index(kind)];
  if (queue.size() >= limits_.maxQueued) return makeError(Errc::Unavailable, "too many jobs wait");
  queue.push_back(std::move(job));
  if (running_[index(kind)] < share_[index(kind)]) {
    if (!idle_.empty()) {
      Idler* const idler = idle_.back();
      idle_.pop_back();
      idler->called = true;
      idler->wake.notify_one();
    } else if (threads_ < std::max(1U, limits_.maxThreads) && !startThread() && threads_ == 0) {
      queue.pop_back();
      return makeError(Errc::Unavailable, "the system gives no thread");
    }
  }
  publish();
  return okStatus();
}

// With the lock held: a new thread waits for it.
bool Jobs::startThread() {
  pthread_attr_t attributes;
  PH_ASSERT(::pthread_attr_init(&attributes) == 0);
  PH_ASSERT(::pthread_attr_setstacksize(&attributes, kStackBytes) == 0);
  pthread_t thread{};
  const int failed = ::pthread_create(&thread, &attributes, &Jobs::threadMain, this);
  ::pthread_attr_destroy(&attributes);
  if (failed != 0) {
    log::write(messages::kNoThread, {{"why", errnoError(failed, "pthread_create").text}});
    return false;
  }
  ++threads_;
  return true;
}

void* Jobs::threadMain(void* self) {
  static_cast<Jobs*>(self)->work();
  return nullptr;
}

void Jobs::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (const auto kind = pick()) {
      runOne(lock, *kind);
    } else if (!waitForWork(lock)) {
      break;
    }
  }
  finished_.push_back(::pthread_self());
  --threads_;
  publish();
  if (threads_ == 0) allGone_.notify_all();
}

// The kinds take turns, each within its share.
std::optional<JobKind> Jobs::pick() {
  for (const JobKind kind : {next_, other(next_)}) {
    if (queue_[index(kind)].empty() || running_[index(kind)] >= share_[index(kind)]) continue;
    next_ = other(kind);
    return kind;
  }
  return std::nullopt;
}

void Jobs::runOne(std::unique_lock<std::mutex>& lock, JobKind kind) {
  std::unique_ptr<Job> job = std::move(queue_[index(kind)].front());
  queue_[index(kind)].pop_front();
  ++running_[index(kind)];
  publish();
  lock.unlock();
  perform(*job);
  lock.lock();
  --running_[index(kind)];
  publish();
  lock.unlock();
  complete(std::move(job));
  lock.lock();
}

// False when nothing came for so long that this thread ends.
bool Jobs::waitForWork(std::unique_lock<std::mutex>& lock) {
  Idler idler;
  idle_.push_back(&idler);
  idler.wake.wait_for(lock, limits_.idle, [&idler] { return idler.called; });
  if (idler.called) return true;
  idle_.erase(std::find(idle_.begin(), idle_.end(), &idler));
  return false;
}

void Jobs::perform(Job& job) const noexcept {
  const stats::InFlight mark =
      job.account.empty() ? stats::InFlight() : stats::Slot(slot_).inFlight(job.account);
  std::string what = "unknown exception";
  try {
    job.run();
    return;
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  log::write(messages::kJobThrew, {{"what", what}});
  job.fail(makeError(Errc::Internal, what));
}

void Jobs::complete(std::unique_ptr<Job> job) {
  loop_.post([this, alive = alive_, done = std::move(job)] {
    Session* const session = *alive ? sessions_.find(done->session) : nullptr;
    if (session == nullptr) return;
    loop_.guard([&] { done->finish(*session); },
                [&] { session->cut(makeError(Errc::Internal, "exception after a job")); });
  });
}

void Jobs::reapFinished() {
  std::vector<pthread_t> ended;
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    ended.swap(finished_);
  }
  for (const pthread_t thread : ended) ::pthread_join(thread, nullptr);
}

Jobs::Counts Jobs::counts() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return {
      .threads = threads_, .busy = running_[0] + running_[1], .queued = queue_[0].size() + queue_[1].size()};
}

void Jobs::publish() {
  slot_.set(stats::Gauge::ThreadsBusy, running_[0] + running_[1]);
  slot_.set(stats::Gauge::ThreadsTotal, threads_);
  slot_.set(stats::Gauge::JobsQueued, queue_[0].size() + queue_[1].size());
}

}  // namespace posthorn::net
