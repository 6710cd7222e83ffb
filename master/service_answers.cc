// SPDX-License-Identifier: Apache-2.0
// The part of Service that waits for what workers say: that they have new settings, that they let nobody in
// any more.
#include <array>
#include <iterator>
#include <utility>

#include "master/service.h"

namespace posthorn::master {
namespace {

/// For the answers to a push. The loop of a worker that lives answers within milliseconds.
constexpr std::chrono::seconds kPushPatience{10};
/// For an old worker to close its listeners, beyond which nobody waits for it.
constexpr std::chrono::seconds kClosePatience{2};

}  // namespace

void Service::push(const std::shared_ptr<const Plan>& plan, Done done) {
  Generation* current = find(current_);
  if (busy() || current == nullptr) {
    done(makeError(Errc::Busy, name() + ": another order is being carried out"));
    return;
  }
  // Only new ticket keys, which nobody has ordered, can still be on their way: this plan has them too.
  if (push_) endPush(makeError(Errc::Cancelled, name() + ": newer settings follow"));
  current->plan = plan;
  push_ = Push{nextPush_++, {}, "", std::move(done), 0};
  push_->timer = around_.reactor.after(kPushPatience, [this] { giveUpPush(); });
  for (const Place& place : current->places)
    if (place.worker) push_->awaited.insert(place.worker->pid);
  proc::Message message;
  message.kind = proc::Kind::Snapshot;
  message.number = push_->number;
  const std::array<int, 2> fds = {plan->configFd.get(), plan->tlsFd.get()};
  for (const Place& place : current->places) {
    if (place.worker && !place.worker->link.send(message, fds).ok())
      settlePush(place.worker->pid, "a worker does not listen");
  }
  settlePush(-1, "");
}

void Service::settlePush(pid_t pid, const std::string& error) {
  if (!push_) return;
  if (push_->awaited.erase(pid) != 0 && !error.empty())
    push_->errors += (push_->errors.empty() ? "" : "; ") + error;
  if (!push_->awaited.empty()) return;
  endPush(push_->errors.empty() ? okStatus() : makeError(Errc::Invalid, name() + ": " + push_->errors));
}

void Service::giveUpPush() {
  const auto silent = std::exchange(push_->awaited, {});
  for (const pid_t pid : silent)
    push_->errors += (push_->errors.empty() ? "the worker with pid " : "; the worker with pid ") +
                     std::to_string(pid) + " does not answer and may have the old settings";
  settlePush(-1, "");
}

void Service::endPush(const Status& status) {
  const Push push = std::move(*push_);
  push_.reset();
  around_.reactor.cancel(push.timer);
  finish(push.done, status);
}

/// Until then a client could still meet the old settings.
void Service::awaitClosed(const std::set<std::uint64_t>& generations, Done done) {
  Closing closing;
  closing.done = std::move(done);
  for (const Generation& generation : generations_) {
    if (generations.count(generation.number) == 0) continue;
    for (const Place& place : generation.places)
      if (place.worker && !place.worker->closed) closing.awaited.insert(place.worker->pid);
  }
  closing_.push_back(std::move(closing));
  // A worker that hangs is the watchdog's affair.
  const auto last = std::prev(closing_.end());
  last->timer = around_.reactor.after(kClosePatience, [this, last] {
    last->awaited.clear();
    settleClosed(-1);
  });
  settleClosed(-1);
}

void Service::settleClosed(pid_t pid) {
  for (auto closing = closing_.begin(); closing != closing_.end();) {
    closing->awaited.erase(pid);
    if (!closing->awaited.empty()) {
      ++closing;
      continue;
    }
    around_.reactor.cancel(closing->timer);
    finish(std::move(closing->done), okStatus());
    closing = closing_.erase(closing);
  }
}

}  // namespace posthorn::master
