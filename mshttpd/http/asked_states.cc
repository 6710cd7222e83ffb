// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/asked_states.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace posthorn::mshttpd::http {

/// One event stream that wants some of the types.
class AskedStates::Stream final : public PushSource::Subscription {
 public:
  Stream(AskedStates& source, std::string user, std::uint64_t id,
         std::function<void(const Changed&)> onChange)
      : source_(source),
        alive_(source.alive_),
        user_(std::move(user)),
        id_(id),
        onChange_(std::move(onChange)) {}
  ~Stream() override {
    if (*alive_) source_.leave(user_, id_);
  }

  void follow(PushSource& changes, const Watcher& watcher) {
    changes_ = changes.subscribe(watcher, [this](const Changed& changed) {
      source_.note(user_, changed);
      const auto call = onChange_;
      call(changed);
    });
  }
  /// What of it is news to this stream. May destroy this.
  void tell(const Changed& states) {
    Changed news;
    for (const auto& [account, types] : states) {
      for (const auto& [type, state] : types) {
        std::string& told = told_[account][type];
        if (told != state) news[account][type] = told = state;
      }
    }
    const auto call = onChange_;
    if (!news.empty()) call(news);
  }

 private:
  AskedStates& source_;
  std::shared_ptr<bool> alive_;
  std::string user_;
  std::uint64_t id_;
  std::function<void(const Changed&)> onChange_;
  Changed told_;
  std::unique_ptr<PushSource::Subscription> changes_;
};

AskedStates::AskedStates(net::Loop& loop, PushSource& changes, Means means, const Pace& pace)
    : loop_(loop), changes_(changes), means_(std::move(means)), pace_(pace), timer_(loop, [this] {
        askMore();
      }) {}

AskedStates::~AskedStates() {
  *alive_ = false;
}

std::unique_ptr<PushSource::Subscription> AskedStates::subscribe(
    const Watcher& watcher, std::function<void(const Changed&)> onChange) {
  loop_.assertHere();
  const auto asked = [&](const std::string& type) { return means_.types.count(type) > 0; };
  if (!watcher.types.empty() && std::none_of(watcher.types.begin(), watcher.types.end(), asked))
    return changes_.subscribe(watcher, std::move(onChange));
  const std::string& name = watcher.caller.user;
  User& user = users_[name];
  user.caller = watcher.caller;
  const std::uint64_t id = ++lastStream_;
  auto stream = std::make_unique<Stream>(*this, name, id, std::move(onChange));
  user.streams[id] = stream.get();
  stream->follow(changes_, watcher);
  return stream;
}

void AskedStates::leave(const std::string& user, std::uint64_t stream) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  found->second.streams.erase(stream);
  if (found->second.streams.empty()) users_.erase(found);
}

void AskedStates::note(const std::string& user, const Changed& changed) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  for (const auto& [account, types] : changed) found->second.changed.insert(account);
  if (std::exchange(found->second.queued, true)) return;
  queue_.push_back({user, loop_.now() + pace_.delay});
  if (!timer_.running()) timer_.start(pace_.delay);
}

void AskedStates::askMore() {
  const Steady now = loop_.now();
  while (asking_ < pace_.asks && !queue_.empty() && queue_.front().due <= now) {
    const std::string name = std::move(queue_.front().user);
    queue_.pop_front();
    const auto found = users_.find(name);
    if (found == users_.end() || !std::exchange(found->second.queued, false)) continue;
    User& user = found->second;
    Work ask = means_.ask(user.caller, std::exchange(user.changed, {}));
    ++asking_;
    const Status posted =
        means_.post([this, alive = alive_, &loop = loop_, name, ask = std::move(ask)]() mutable {
          Changed states = ask();
          loop.post([this, alive = std::move(alive), name, states = std::move(states)] {
            if (!*alive) return;
            --asking_;
            onAsked(name, states);
            askMore();
          });
        });
    // No room for jobs: with the account's next change it is asked for again.
    if (!posted.ok()) --asking_;
  }
  if (queue_.empty() || asking_ >= pace_.asks) return;
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(queue_.front().due - now);
  timer_.start(std::max(wait, std::chrono::milliseconds(1)));
}

/// Streams may end while they are told.
void AskedStates::onAsked(const std::string& user, const Changed& states) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  std::vector<std::uint64_t> ids;
  for (const auto& [id, stream] : found->second.streams) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    const auto still = users_.find(user);
    if (still == users_.end()) return;
    const auto stream = still->second.streams.find(id);
    if (stream != still->second.streams.end()) stream->second->tell(states);
  }
}

}  // namespace posthorn::mshttpd::http
