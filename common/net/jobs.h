// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <pthread.h>

#include "common/base/result.h"
#include "common/net/loop.h"
#include "common/net/session_table.h"
#include "common/stats/scoreboard.h"

namespace posthorn::net {

/// What a job does; each kind has its own queue and its own share of the threads, so that a directory that
/// hangs never keeps anybody from reading mail.
enum class JobKind : std::uint8_t { Store, Auth };
inline constexpr std::size_t kJobKinds = 2;

/// Runs what may block on threads that come when they are needed and go when they are idle. Owned by the
/// worker; made after fork; must be destroyed before the loop and the table.
class Jobs {
 public:
  struct Limits {
    unsigned maxThreads = 250;     ///< together; Auth runs on at most a quarter of them, at least 1
    std::size_t maxQueued = 4096;  ///< of each kind
    std::chrono::milliseconds idle{
        std::chrono::seconds{10}};  ///< a thread that had nothing to do so long ends
  };

  Jobs(Loop& loop, SessionTable& sessions, const Limits& limits, stats::Slot slot);
  /// Drops what is queued and waits for the jobs that run.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Runs `work()` on a job thread, then `done(session, result)` on the loop if that session is still there;
  /// otherwise the result is dropped (on the loop). `work` returns a Result or Status, sees no session, may
  /// block and may own unique things; what it throws becomes Errc::Internal. `account` is marked in the
  /// scoreboard as being in flight (empty: no account). S is the type of the service's sessions.
  /// Errc::Unavailable when the queue is full: neither is called. Loop thread.
  template <typename S, typename Work, typename Done>
  // NOLINTNEXTLINE(performance-unnecessary-value-param): clang-tidy does not see it moved in a template
  Status post(JobKind kind, SessionId session, std::string account, Work work, Done done) {
    using Value = std::invoke_result_t<Work&>;
    static_assert(std::is_constructible_v<Value, Error>, "a job returns a Result or a Status");
    static_assert(std::is_base_of_v<Session, S>);
    struct Typed final : Job {
      Typed(Work&& w, Done&& d) : work(std::move(w)), done(std::move(d)) {}
      void run() override { value.emplace(work()); }
      void fail(Error error) override { value.emplace(std::move(error)); }
      void finish(Session& to) override { done(static_cast<S&>(to), std::move(*value)); }
      Work work;
      Done done;
      std::optional<Value> value;
    };
    auto job = std::make_unique<Typed>(std::move(work), std::move(done));
    job->session = session;
    job->account = std::move(account);
    return enqueue(kind, std::move(job));
  }

  struct Counts {
    unsigned threads = 0;
    unsigned busy = 0;
    std::size_t queued = 0;
  };
  /// Any thread.
  [[nodiscard]] Counts counts() const;

  /// Keeps glibc from making an arena per thread; call it once when a worker starts, before the first thread.
  static void capMallocArenas();

 private:
  struct Job {
    virtual ~Job() = default;
    virtual void run() = 0;
    virtual void fail(Error error) = 0;
    virtual void finish(Session& to) = 0;
    SessionId session;
    std::string account;
  };
  struct Idler {
    std::condition_variable wake;
    bool called = false;
  };

  Status enqueue(JobKind kind, std::unique_ptr<Job> job);
  bool startThread();
  static void* threadMain(void* self);
  void work();
  void runOne(std::unique_lock<std::mutex>& lock, JobKind kind);
  std::optional<JobKind> pick();
  bool waitForWork(std::unique_lock<std::mutex>& lock);
  void perform(Job& job) const noexcept;
  void complete(std::unique_ptr<Job> job);
  void reapFinished();
  void publish();

  Loop& loop_;
  SessionTable& sessions_;
  const Limits limits_;
  stats::Slot slot_;
  std::array<unsigned, kJobKinds> share_;
  std::shared_ptr<bool> alive_;  // looked at and changed on the loop only

  mutable std::mutex mutex_;  // guards everything below
  std::array<std::deque<std::unique_ptr<Job>>, kJobKinds> queue_;
  std::array<unsigned, kJobKinds> running_{};
  std::vector<Idler*> idle_;  // the one that became idle last is woken first, so that the others can end
  unsigned threads_ = 0;
  std::vector<pthread_t> finished_;
  std::condition_variable allGone_;
  bool stopping_ = false;
  JobKind next_ = JobKind::Auth;
};

}  // namespace posthorn::net
