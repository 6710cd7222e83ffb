// SPDX-License-Identifier: Apache-2.0
#include "master/reactor.h"

#include <algorithm>
#include <vector>

#include <poll.h>

namespace posthorn::master {

using std::chrono::milliseconds;

void Reactor::watch(int fd, std::function<void()> onReady, For what) {
  watches_[fd] = std::make_shared<Watch>(Watch{what, std::move(onReady)});
}

void Reactor::unwatch(int fd) {
  watches_.erase(fd);
}

Reactor::TimerId Reactor::after(milliseconds wait, std::function<void()> onTime) {
  const TimerId id = nextId_++;
  timers_.emplace(now() + wait, Timer{id, std::move(onTime)});
  return id;
}

void Reactor::cancel(TimerId id) {
  const auto found =
      std::find_if(timers_.begin(), timers_.end(), [id](const auto& t) { return t.second.id == id; });
  if (found != timers_.end()) timers_.erase(found);
}

int Reactor::untilTimer(int mostMs) const {
  if (timers_.empty()) return mostMs;
  const auto left = std::chrono::ceil<milliseconds>(timers_.begin()->first - now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, mostMs));
}

void Reactor::runTimers() {
  const Steady until = now();
  // One by one from the front: a callback may cancel or add any timer.
  while (!quitting_ && !timers_.empty() && timers_.begin()->first <= until) {
    const auto onTime = std::move(timers_.begin()->second.onTime);
    timers_.erase(timers_.begin());
    onTime();
  }
}

void Reactor::turn(int mostMs) {
  std::vector<pollfd> polled;
  polled.reserve(watches_.size());
  for (const auto& [fd, watch] : watches_)
    polled.push_back({fd, static_cast<short>(watch->what == For::Reading ? POLLIN : POLLOUT), 0});
  const int events = ::poll(polled.data(), polled.size(), untilTimer(mostMs));
  if (events > 0) {
    for (const pollfd& ready : polled) {
      if (ready.revents == 0 || quitting_) continue;
      const auto found = watches_.find(ready.fd);
      // Gone since: an earlier callback of this turn unwatched it.
      if (found == watches_.end()) continue;
      const auto keep = found->second;
      keep->onReady();
    }
  }
  runTimers();
}

void Reactor::run() {
  constexpr int kLongest = 60'000;
  while (!quitting_) turn(kLongest);
}

void Reactor::runFor(milliseconds most) {
  const Steady until = now() + most;
  while (!quitting_ && now() < until)
    turn(static_cast<int>(std::chrono::ceil<milliseconds>(until - now()).count()));
}

}  // namespace posthorn::master
