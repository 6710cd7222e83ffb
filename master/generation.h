// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "common/base/clock.h"
#include "common/proc/worker_link.h"
#include "master/listen.h"
#include "master/plan.h"
#include "master/reactor.h"
#include "master/throttle.h"

namespace posthorn::master {

/// One worker as a process, from its fork until it was reaped.
struct WorkerProcess {
  pid_t pid = -1;
  proc::Link link{UniqueFd()};
  std::uint32_t slot = 0;
  std::optional<std::size_t> eventSlot;  ///< where it hears of changes
  Steady started{};
  bool ready = false;
  bool closed = false;  ///< its listeners, as it said itself
  bool asked = false;   ///< it was told to drain or stop: its end is no accident
  bool hung = false;    ///< no heartbeat: SIGABRT was sent
  bool forced = false;  ///< SIGKILL was sent by master after an order to stop
  std::string failure;  ///< what it said before it gave up
  Reactor::TimerId killTimer = 0;
};

/// One of the numprocesses places of a generation; keeps its number and its throttle when its worker is
/// replaced.
struct Place {
  std::uint32_t index = 0;
  std::unique_ptr<WorkerProcess> worker;  ///< null while nobody is there
  Throttle throttle;
  Reactor::TimerId restartTimer = 0;
  std::uint64_t restarts = 0;
};

/// The workers of one service that were started together, with the same settings and listeners.
struct Generation {
  enum class Phase : std::uint8_t { Serving, Draining, Stopping };

  std::uint64_t number = 0;
  std::shared_ptr<const Plan> plan;  ///< what a replacement is started with
  ListenSockets listeners;           ///< empty once it drains or stops
  std::vector<Place> places;
  Phase phase = Phase::Serving;

  [[nodiscard]] bool allReady() const {
    for (const Place& place : places)
      if (!place.worker || !place.worker->ready) return false;
    return true;
  }
  [[nodiscard]] std::size_t alive() const {
    std::size_t count = 0;
    for (const Place& place : places) count += place.worker ? 1 : 0;
    return count;
  }
};

}  // namespace posthorn::master
