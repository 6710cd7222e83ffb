// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "common/base/result.h"
#include "common/proc/privileges.h"

namespace posthorn::master {

/// Everything that a new worker gets; the descriptors stay master's.
struct ChildPlan {
  std::string program;  ///< absolute path
  std::string label;    ///< second argument, for people who look at the process list
  int control = -1;
  int config = -1;
  int tls = -1;
  int scoreboard = -1;
  std::vector<int> listeners;
  std::vector<int> events;  ///< the event area and its eventfds; empty: the worker has no use for them
  int failures = -1;        ///< the table of failed logins; -1: the worker logs nobody in
  const proc::RunAs* user = nullptr;
};

/// Forks; the child becomes `user` for good, keeps the planned descriptors at their fixed numbers and no
/// other, then execs. What fails in the child is told over its control socket (Kind::Failed). The only fork
/// besides the one that makes master a daemon. Errors: fork's.
Result<pid_t> spawn(const ChildPlan& plan);

/// Raises the soft limit of open files to the hard one, as root the hard one to `wanted` too. Returns the
/// limit.
std::uint64_t raiseDescriptorLimit(std::uint64_t wanted);

}  // namespace posthorn::master
