// SPDX-License-Identifier: Apache-2.0
#include "master/child.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/events/layout.h"
#include "common/proc/worker_link.h"

namespace posthorn::master {
namespace {

/// Above every fixed number, so that no descriptor is overwritten before it has been moved.
constexpr int kParking = proc::kFirstListenerFd + proc::kMaxListeners + static_cast<int>(events::kSlots);

struct Place {
  int from;
  int to;
};

std::vector<Place> placesOf(const ChildPlan& plan) {
  std::vector<Place> places = {{plan.control, proc::kControlFd},
                               {plan.config, proc::kConfigFd},
                               {plan.tls, proc::kTlsFd},
                               {plan.scoreboard, proc::kScoreboardFd}};
  for (std::size_t i = 0; i < plan.listeners.size(); ++i)
    places.push_back({plan.listeners[i], proc::kFirstListenerFd + static_cast<int>(i)});
  if (plan.failures >= 0) places.push_back({plan.failures, proc::kFailuresFd});
  if (plan.events.empty()) return places;
  places.push_back({plan.events.front(), proc::kEventAreaFd});
  const int firstWake = proc::kFirstListenerFd + static_cast<int>(plan.listeners.size());
  for (std::size_t i = 1; i < plan.events.size(); ++i)
    places.push_back({plan.events[i], firstWake + static_cast<int>(i) - 1});
  return places;
}

Status arrangeDescriptors(const ChildPlan& plan) {
  std::vector<Place> places = placesOf(plan);
  for (Place& place : places) {
    place.from = ::fcntl(place.from, F_DUPFD_CLOEXEC, kParking);
    if (place.from < 0) return errnoError("park a descriptor");
  }
  int last = STDERR_FILENO;
  for (const Place& place : places) {
    if (::dup2(place.from, place.to) < 0) return errnoError("place a descriptor");
    last = std::max(last, place.to);
  }
  if (plan.events.empty()) ::close(proc::kEventAreaFd);
  if (plan.failures < 0) ::close(proc::kFailuresFd);
  if (::close_range(static_cast<unsigned>(last) + 1, ~0U, 0) != 0)
    return errnoError("close other descriptors");
  const int null = ::open("/dev/null", O_RDONLY);
  if (null < 0 || ::dup2(null, STDIN_FILENO) < 0) return errnoError("open /dev/null");
  if (null > STDERR_FILENO) ::close(null);
  return okStatus();
}

void resetSignals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);  // NOLINT(concurrency-mt-unsafe): a child has one thread
}

/// Only what a worker has a use for: nothing of root's environment reaches it.
std::vector<std::string> environmentOf() {
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
  for (const char* name :
       {"TZ", "JOURNAL_STREAM", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"}) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a child has one thread
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  }
  return environment;
}

/// `arranged` tells whether the descriptors are a worker's already, also when a later step fails.
Status becomeWorker(const ChildPlan& plan, bool& arranged) {
  // A session of its own: Ctrl-C in master's terminal is master's to handle.
  ::setsid();
  resetSignals();
  ::umask(077);
  if (::chdir("/") != 0) return errnoError("change to /");
  const rlimit noCore{0, 0};
  if (::setrlimit(RLIMIT_CORE, &noCore) != 0) return errnoError("switch core dumps off");
  PH_CHECK(arrangeDescriptors(plan));
  arranged = true;
  return proc::becomeForGood(*plan.user);
}

Status execWorker(const ChildPlan& plan) {
  std::vector<std::string> environment = environmentOf();
  std::vector<char*> variables;
  variables.reserve(environment.size() + 1);
  for (std::string& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  std::string name = plan.program.substr(plan.program.rfind('/') + 1);
  std::string argument = proc::kWorkerArgument;
  std::string label = plan.label;
  char* const arguments[] = {name.data(), argument.data(), label.data(), nullptr};
  ::execve(plan.program.c_str(), arguments, variables.data());
  return errnoError("start " + plan.program);
}

[[noreturn]] void runChild(const ChildPlan& plan) {
  bool arranged = false;
  Status status = becomeWorker(plan, arranged);
  if (status.ok()) status = execWorker(plan);
  proc::Message failed;
  failed.kind = proc::Kind::Failed;
  failed.text = status.error().text;
  proc::Link link{UniqueFd(arranged ? proc::kControlFd : plan.control)};
  static_cast<void>(link.send(failed));
  ::_exit(127);
}

}  // namespace

Result<pid_t> spawn(const ChildPlan& plan) {
  const pid_t pid = ::fork();
  if (pid < 0) return errnoError("fork");
  if (pid == 0) runChild(plan);
  return pid;
}

std::uint64_t raiseDescriptorLimit(std::uint64_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  rlimit raised{std::max<rlim_t>(limit.rlim_max, wanted), std::max<rlim_t>(limit.rlim_max, wanted)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
  raised = {limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
  return limit.rlim_cur;
}

}  // namespace posthorn::master
