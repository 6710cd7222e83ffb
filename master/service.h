// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/snapshot.h"
#include "common/events/area.h"
#include "common/proc/privileges.h"
#include "common/stats/failure_table.h"
#include "common/stats/scoreboard.h"
#include "master/generation.h"
#include "master/listen.h"
#include "master/plan.h"
#include "master/reactor.h"

namespace posthorn::master {

/// What a service sees of master; outlives all services.
struct Surroundings {
  Reactor& reactor;
  Binder& binder;
  proc::RunAs user;
  std::string programDir;
  std::shared_ptr<const config::Snapshot> config;  ///< the newest: timeouts and master's own options
  /// A worker crashed with these accounts in flight.
  std::function<void(const std::vector<stats::AccountView>&)> onCrash;
  /// A worker is gone: all others are told.
  std::function<void(const proc::Message&)> onDeath;
  /// Changes of accounts, between all who make them and those who have them open.
  std::shared_ptr<const events::Area> events = nullptr;
  std::optional<events::SlotPool> eventSlots = std::nullopt;
  /// Who showed wrong passwords, between all who log in.
  std::shared_ptr<const stats::FailureTable> failures = nullptr;
};

/// One service: its generations of workers and what happens to them. At most one generation is current (it is
/// replaced when workers die), one may be coming up, the others drain or stop. Every order ends in one call
/// of its Done; orders that cannot go together are refused or end the earlier one with an error. One thread.
class Service {
 public:
  using Done = std::function<void(Status)>;
  static constexpr std::size_t kMaxDraining = 2;

  Service(Surroundings& around, config::Service service, std::shared_ptr<stats::Board> board);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  [[nodiscard]] config::Service service() const { return service_; }
  [[nodiscard]] std::string name() const { return std::string(config::nameOf(service_)); }
  /// It was started and not stopped since, whether its workers live or not.
  [[nodiscard]] bool started() const { return current_ != 0 || binding_; }
  /// The settings of the current generation; null when it is not started.
  [[nodiscard]] std::shared_ptr<const Plan> plan() const;
  /// An order to start, refresh or restart is not done yet.
  [[nodiscard]] bool busy() const { return pending_.has_value() || binding_; }
  [[nodiscard]] std::size_t workers() const;

  /// Binds and starts a first generation; done when all of its workers serve. When a worker cannot start, the
  /// error says why, and it is tried again at growing intervals.
  void start(std::shared_ptr<const Plan> plan, Done done);
  /// A new generation on the same listeners takes over, the old one drains; done when the new one serves.
  /// When the new one cannot, it is ended and nothing has changed.
  void refresh(std::shared_ptr<const Plan> plan, Done done);
  /// The same, but on the listeners of `plan`, and the sessions of the old generations are ended; done when
  /// they are.
  void restart(std::shared_ptr<const Plan> plan, Done done);
  /// A restart onto sockets on which something else was spoken until now, by this service or by those that
  /// give `others` up: the old generations end first, clients wait meanwhile. When a new worker cannot start,
  /// it is tried again, as after start(). Starts a service that was not.
  void replace(std::shared_ptr<const Plan> plan, ListenSockets others, Done done);
  /// Where the current generation listens.
  [[nodiscard]] ListenSockets listeners() const;
  /// New live options for the running workers; done when each has said what came of it, or after ten seconds
  /// with an error that names those who have not. Overtakes a push that is not done.
  void push(const std::shared_ptr<const Plan>& plan, Done done);
  /// Listeners are closed at once; done when no worker is left.
  void drain(Done done);
  void stop(bool force, Done done);

  /// True when `pid` was one of ours.
  bool onReaped(pid_t pid, int status);
  /// Judges heartbeats; what was before `floor` is not held against anybody.
  void watch(Steady floor);
  void tellAll(const proc::Message& message);
  void setQuarantine(const std::vector<std::uint64_t>& hashes) { board_->setQuarantine(hashes); }

  // For status.
  [[nodiscard]] const std::list<Generation>& generations() const { return generations_; }
  [[nodiscard]] std::uint64_t currentNumber() const { return current_; }
  [[nodiscard]] const stats::Board& board() const { return *board_; }
  [[nodiscard]] const std::string& lastFailure() const { return lastFailure_; }
  /// Counters of workers that have ended.
  [[nodiscard]] const std::array<std::uint64_t, stats::kCounters>& retired() const { return retired_; }
  [[nodiscard]] std::uint64_t deaths() const { return deaths_; }

 private:
  enum class Order : std::uint8_t { Start, Refresh, Restart };
  struct Pending {
    Order order;
    std::uint64_t generation;
    Done done;
  };
  struct Waiter {
    std::set<std::uint64_t> generations;
    Done done;
  };
  struct Push {
    std::uint64_t number = 0;
    std::set<pid_t> awaited;
    std::string errors;
    Done done;
    Reactor::TimerId timer = 0;
  };
  /// Somebody who waits until these workers have closed their listeners.
  struct Closing {
    std::set<pid_t> awaited;
    Done done;
    Reactor::TimerId timer = 0;
  };
  struct Found {
    Generation* generation = nullptr;
    Place* place = nullptr;
  };

  void bring(Order order, std::shared_ptr<const Plan> plan, ListenSockets listeners, Done done);
  void rebind(std::shared_ptr<const Plan> plan, Done done);
  void startOn(std::shared_ptr<const Plan> plan, Binder::Held held, Done done);
  void startOrFallBack(std::shared_ptr<const Plan> plan, const std::shared_ptr<const Plan>& before,
                       const Binder::Held& held, const Done& done);
  [[nodiscard]] bool overlaps(const std::vector<Endpoint>& wanted) const;
  [[nodiscard]] bool changesMeaning(const std::vector<Endpoint>& wanted) const;
  void stopThenStart(std::shared_ptr<const Plan> plan, Done done);
  void abandonPending(const std::string& why);
  void checkPending();
  void takeOver(Pending pending);
  void failPending(const std::string& why);
  void limitDraining();

  Generation* find(std::uint64_t number);
  [[nodiscard]] const Generation* find(std::uint64_t number) const;
  Found findWorker(pid_t pid);
  std::optional<std::uint32_t> freeSlot() const;
  /// Listens in the event area, when it is one of those that do and a slot is left.
  std::optional<std::size_t> claimEvents();
  void releaseEvents(std::optional<std::size_t> slot);
  void spawnAt(Generation& generation, Place& place);
  Status trySpawn(Generation& generation, Place& place);
  void retryLater(Generation& generation, Place& place, std::chrono::seconds wait);
  void onLink(pid_t pid);
  void onMessage(Generation& generation, WorkerProcess& worker, const proc::Message& message);
  void drainLink(Generation& generation, WorkerProcess& worker);
  void afterDeath(Generation& generation, Place& place, std::unique_ptr<WorkerProcess> worker, int status);
  void countDeath(const Generation& generation, const WorkerProcess& worker, int status);
  void replace(Generation& generation, Place& place, const WorkerProcess& worker);
  void sweep();
  void settle();
  void finish(Done done, Status status);

  void endGeneration(Generation& generation, Generation::Phase phase, bool force);
  void endWorker(WorkerProcess& worker, Generation::Phase phase, bool force);
  void killAfter(WorkerProcess& worker, std::chrono::milliseconds wait);
  void endAll(Generation::Phase phase, bool force, Done done);
  void awaitEnd(std::set<std::uint64_t> generations, Done done);
  void judge(WorkerProcess& worker, Steady floor);
  void settlePush(pid_t pid, const std::string& error);
  void giveUpPush();
  void endPush(const Status& status);
  void awaitClosed(const std::set<std::uint64_t>& generations, Done done);
  void settleClosed(pid_t pid);

  Surroundings& around_;
  config::Service service_;
  std::shared_ptr<stats::Board> board_;
  std::list<Generation> generations_;
  std::uint64_t current_ = 0;
  std::uint64_t nextGeneration_ = 1;
  std::uint64_t nextPush_ = 1;
  std::uint64_t epoch_ = 0;  // counts stops: an order that still binds notices that it was overtaken
  bool binding_ = false;
  std::optional<Pending> pending_;
  std::list<Waiter> waiters_;
  std::list<Closing> closing_;
  std::optional<Push> push_;
  std::set<std::uint32_t> usedSlots_;
  std::array<std::uint64_t, stats::kCounters> retired_{};
  std::uint64_t deaths_ = 0;
  std::string lastFailure_;
};

}  // namespace posthorn::master
