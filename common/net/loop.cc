// SPDX-License-Identifier: Apache-2.0
#include "common/net/loop.h"

#include <csignal>
#include <exception>
#include <utility>

#include <event2/event.h>

#include "common/base/assert.h"
#include "common/net/messages.h"

namespace posthorn::net {
namespace {

timeval toTimeval(std::chrono::milliseconds wait) {
  const auto count = std::max<std::int64_t>(0, wait.count());
  return {.tv_sec = count / 1000, .tv_usec = count % 1000 * 1000};
}

// SSL_write and sendfile have no MSG_NOSIGNAL: a client that is gone must not be able to end the process.
void ignoreSigpipe() {
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace

Loop::Loop(const Clock& clock) : clock_(clock), thread_(std::this_thread::get_id()), base_(event_base_new()) {
  PH_ASSERT(base_ != nullptr);
  ignoreSigpipe();
  inboxEvent_ = event_new(base_, inbox_.fd(), EV_READ | EV_PERSIST, &Loop::onInbox, this);
  deferredEvent_ = event_new(base_, -1, 0, &Loop::onDeferred, this);
  PH_ASSERT(inboxEvent_ != nullptr && deferredEvent_ != nullptr);
  PH_ASSERT(event_add(inboxEvent_, nullptr) == 0);
}

Loop::~Loop() {
  assertHere();
  // What is left must not outlive the loop that its destructors may use.
  deferred_.clear();
  inbox_.take().clear();
  event_free(deferredEvent_);
  event_free(inboxEvent_);
  event_base_free(base_);
}

void Loop::assertHere() const {
  PH_ASSERT(std::this_thread::get_id() == thread_);
}

void Loop::wait(int flags) {
  assertHere();
  event_base_loop(base_, flags);
}

void Loop::run() {
  stopping_ = false;
  while (!stopping_) wait(EVLOOP_ONCE);
}

void Loop::stop() {
  post([this] { stopping_ = true; });
}

void Loop::runOnce(std::chrono::milliseconds most) {
  const timeval wait = toTimeval(most);
  // A plain timer: event_base_loopexit would also end the next call when something else came first.
  event* const limit = event_new(
      base_, -1, 0, [](int, short, void*) {}, nullptr);
  PH_ASSERT(limit != nullptr && event_add(limit, &wait) == 0);
  this->wait(EVLOOP_ONCE);
  event_free(limit);
}

bool Loop::runUntil(const std::function<bool()>& done, std::chrono::milliseconds most) {
  const Steady end = std::chrono::steady_clock::now() + most;
  while (!done()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return done();
    runOnce(left);
  }
  return true;
}

void Loop::post(Task task) {
  inbox_.put(std::move(task));
}

void Loop::defer(Task task) {
  assertHere();
  deferred_.push_back(std::move(task));
  if (deferredArmed_) return;
  deferredArmed_ = true;
  if (inDeferred_) {
    // What deferred work defers runs in the next turn: no chain of it can keep the loop from its sockets.
    const timeval atOnce{};
    PH_ASSERT(event_add(deferredEvent_, &atOnce) == 0);
  } else {
    // An active event of the same priority runs after those that are active already: after the burst.
    event_active(deferredEvent_, EV_TIMEOUT, 1);
  }
}

void Loop::onDeferred(int /*fd*/, short /*what*/, void* self) {
  static_cast<Loop*>(self)->runDeferred();
}

void Loop::runDeferred() {
  deferredArmed_ = false;
  inDeferred_ = true;
  std::vector<Task> tasks = std::exchange(deferred_, {});
  for (Task& task : tasks) guard([&task] { task(); }, [] {});
  tasks.clear();
  inDeferred_ = false;
}

void Loop::onInbox(int /*fd*/, short /*what*/, void* self) {
  auto* loop = static_cast<Loop*>(self);
  std::vector<Task> tasks = loop->inbox_.take();
  for (Task& task : tasks) loop->guard([&task] { task(); }, [] {});
}

void Loop::logException() noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    log::write(messages::kCallbackThrew, {{"what", error.what()}});
  } catch (...) {
    log::write(messages::kCallbackThrew, {{"what", "unknown exception"}});
  }
}

Timer::Timer(Loop& loop, std::function<void()> onTime)
    : loop_(loop),
      onTime_(std::make_shared<std::function<void()>>(std::move(onTime))),
      event_(event_new(loop.raw(), -1, 0, &Timer::onEvent, this)) {
  PH_ASSERT(event_ != nullptr);
}

Timer::~Timer() {
  loop_.assertHere();
  event_free(event_);
}

void Timer::start(std::chrono::milliseconds wait) {
  loop_.assertHere();
  const timeval time = toTimeval(wait);
  PH_ASSERT(event_add(event_, &time) == 0);
  running_ = true;
}

void Timer::stop() {
  loop_.assertHere();
  event_del(event_);
  running_ = false;
}

void Timer::onEvent(int /*fd*/, short /*what*/, void* self) {
  auto* timer = static_cast<Timer*>(self);
  timer->running_ = false;
  const auto keep = timer->onTime_;  // the callback may destroy the timer
  timer->loop_.guard([&keep] { (*keep)(); }, [] {});
}

Watch::Watch(Loop& loop, int fd, Ready ready, std::function<void()> onReady)
    : loop_(loop),
      onReady_(std::make_shared<std::function<void()>>(std::move(onReady))),
      event_(event_new(loop.raw(), fd,
                       static_cast<short>((ready == Ready::Read ? EV_READ : EV_WRITE) | EV_PERSIST),
                       &Watch::onEvent, this)) {
  PH_ASSERT(event_ != nullptr);
}

Watch::~Watch() {
  loop_.assertHere();
  event_free(event_);
}

void Watch::enable() {
  loop_.assertHere();
  if (enabled_) return;
  PH_ASSERT(event_add(event_, nullptr) == 0);
  enabled_ = true;
}

void Watch::disable() {
  loop_.assertHere();
  if (!enabled_) return;
  event_del(event_);
  enabled_ = false;
}

void Watch::onEvent(int /*fd*/, short /*what*/, void* self) {
  auto* watch = static_cast<Watch*>(self);
  const auto keep = watch->onReady_;  // the callback may destroy the watch
  watch->loop_.guard([&keep] { (*keep)(); }, [] {});
}

}  // namespace posthorn::net
