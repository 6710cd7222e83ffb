// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/push.h"

#include <algorithm>
#include <utility>

#include <netdb.h>

#include "mshttpd/backend/push_feed.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::backend {
namespace {

constexpr std::size_t kMostAddresses = 8;

/// Blocks for as long as the resolver does.
std::vector<net::Address> addressesOf(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<net::Address> addresses;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const addrinfo* each = found; each != nullptr && addresses.size() < kMostAddresses;
       each = each->ai_next)
    addresses.push_back(net::Endpoint::from(*each->ai_addr).address);
  ::freeaddrinfo(found);
  return addresses;
}

http::Changed changedOf(const std::string& owner, const State& state, bool delivered) {
  std::map<std::string, std::string> types{{"Email", state}, {"Mailbox", state}, {"Thread", state}};
  if (delivered) types["EmailDelivery"] = state;
  return {{jmap::accountId(owner), std::move(types)}};
}

}  // namespace

/// One event stream.
class Push::Stream final : public http::PushSource::Subscription {
 public:
  Stream(Push& push, std::string user, std::uint64_t id, std::function<void(const http::Changed&)> onChange)
      : push_(push), alive_(push.alive_), user_(std::move(user)), id_(id), onChange_(std::move(onChange)) {}
  ~Stream() override {
    if (*alive_) push_.leave(user_, id_);
  }
  /// May destroy this.
  void tell(const http::Changed& changed) {
    const auto call = onChange_;
    call(changed);
  }

 private:
  Push& push_;
  std::shared_ptr<bool> alive_;
  std::string user_;
  std::uint64_t id_;
  std::function<void(const http::Changed&)> onChange_;
};

Push::Push(net::Loop& loop, std::shared_ptr<Backends> hosts, Post post, const PushPace& pace)
    : loop_(loop), hosts_(std::move(hosts)), post_(std::move(post)), pace_(pace), timer_(loop, [this] {
        onTime();
      }) {
  timer_.start(pace_.poll);
}

Push::~Push() {
  *alive_ = false;
}

std::unique_ptr<http::PushSource::Subscription> Push::subscribe(
    const Watcher& watcher, std::function<void(const http::Changed&)> onChange) {
  loop_.assertHere();
  const std::string& user = watcher.caller.user;
  Watched& watched = users_[user];
  if (!watcher.caller.client.empty()) watched.client = watcher.caller.client;
  const std::uint64_t id = ++lastStream_;
  auto stream = std::make_unique<Stream>(*this, user, id, std::move(onChange));
  watched.streams[id] = stream.get();
  if (watcher.current || watched.owners.empty()) look(user, watcher.current);
  return stream;
}

void Push::leave(const std::string& user, std::uint64_t stream) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  found->second.streams.erase(stream);
  if (!found->second.streams.empty()) return;
  std::vector<std::string> owners;
  for (const auto& [owner, host] : found->second.owners) owners.push_back(owner);
  for (const std::string& owner : owners) unwatch(user, owner);
  users_.erase(user);
}

/// Puts the user into the line of those whose accounts are looked at.
void Push::look(const std::string& user, bool tell) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  found->second.greeting = found->second.greeting || tell;
  if (std::exchange(found->second.queued, true)) return;
  queue_.push_back(user);
  lookMore();
}

void Push::lookMore() {
  while (looking_ < pace_.looks && !queue_.empty()) {
    const std::string user = std::move(queue_.front());
    queue_.pop_front();
    const auto found = users_.find(user);
    if (found == users_.end()) continue;
    Watched& watched = found->second;
    watched.queued = false;
    const Steady now = loop_.now();
    // Whom nobody watches yet is watched before anything is asked that takes its time.
    const bool watchedYet = !watched.owners.empty();
    const bool shares = watchedYet && (!watched.sharesAsked || now - *watched.sharesAsked >= pace_.shares);
    const bool states = watchedYet;
    ++looking_;
    auto work = [this, alive = alive_, &loop = loop_, hosts = hosts_, user, client = watched.client, shares,
                 states] {
      loop.post([this, alive, seen = see(*hosts, user, client, shares, states)] {
        if (!*alive) return;
        --looking_;
        onSeen(seen);
        lookMore();
      });
    };
    if (post_(std::move(work)).ok()) continue;
    // No room for jobs: the next tick tries again.
    --looking_;
    watched.queued = true;
    queue_.push_front(user);
    return;
  }
}

/// Job thread.
Push::Seen Push::see(Backends& hosts, const std::string& user, const std::string& client, bool withShares,
                     bool withStates) {
  Seen seen{.user = user, .accounts = {}, .askedShares = withShares, .knowsShares = false};
  std::vector<std::string> owners{user};
  if (withShares) {
    const auto shared = hosts.sharedWith(user, client);
    seen.knowsShares = shared.ok();
    if (shared.ok())
      for (const SharedAccount& account : *shared) owners.push_back(account.owner);
  }
  for (const std::string& owner : owners) {
    auto host = hosts.endpoints().hostOf(owner);
    if (!host) continue;
    Account account{.owner = owner, .host = *std::move(host), .state = {}};
    if (withStates) {
      auto open = hosts.open(user, owner, client);
      auto state = open ? (*open)->state() : Result<State>(std::move(open).error());
      if (state) account.state = *std::move(state);
    }
    seen.accounts.push_back(std::move(account));
  }
  return seen;
}

void Push::onSeen(const Seen& seen) {
  const auto found = users_.find(seen.user);
  if (found == users_.end()) return;
  Watched& watched = found->second;
  if (seen.askedShares) watched.sharesAsked = loop_.now();
  if (seen.knowsShares) {
    std::vector<std::string> gone;
    for (const auto& watchedOwner : watched.owners)
      if (std::none_of(seen.accounts.begin(), seen.accounts.end(),
                       [&](const Account& account) { return account.owner == watchedOwner.first; }))
        gone.push_back(watchedOwner.first);
    for (const std::string& owner : gone) unwatch(seen.user, owner);
  }
  http::Changed changed;
  for (const Account& account : seen.accounts) {
    watch(seen.user, account);
    if (!account.state) continue;
    State& told = watched.told[account.owner];
    const bool news = watched.greeting || (!told.empty() && told != *account.state);
    told = *account.state;
    if (news) changed.merge(changedOf(account.owner, told, false));
  }
  if (!seen.accounts.empty() && !changed.empty()) watched.greeting = false;
  // What takes its time comes when the account itself is watched.
  if (!watched.sharesAsked && !watched.owners.empty()) look(seen.user, false);
  if (!changed.empty()) tell(watched, changed);
}

void Push::watch(const std::string& user, const Account& account) {
  Watched& watched = users_.at(user);
  const auto known = watched.owners.find(account.owner);
  if (known != watched.owners.end() && known->second == account.host) return;
  if (known != watched.owners.end()) unwatch(user, account.owner);
  watched.owners[account.owner] = account.host;
  watchers_[account.owner].insert(user);
  feedOf(account.host).add(account.owner);
}

void Push::unwatch(const std::string& user, const std::string& owner) {
  Watched& watched = users_.at(user);
  const auto known = watched.owners.find(owner);
  if (known == watched.owners.end()) return;
  const std::string host = known->second;
  watched.owners.erase(known);
  watched.told.erase(owner);
  auto& watchers = watchers_[owner];
  watchers.erase(user);
  if (watchers.empty()) watchers_.erase(owner);
  const auto feed = feeds_.find(host);
  if (feed != feeds_.end()) feed->second->remove(owner);
}

Push::Feed& Push::feedOf(const std::string& host) {
  auto& feed = feeds_[host];
  if (!feed) feed = std::make_unique<Feed>(*this, host, hosts_->endpoints().place(host));
  return *feed;
}

void Push::onEvent(const std::string& host, const std::string& owner, const State& state, bool delivered) {
  const auto found = watchers_.find(owner);
  if (found == watchers_.end()) return;
  const std::set<std::string> users = found->second;
  for (const std::string& user : users) {
    const auto watched = users_.find(user);
    if (watched == users_.end()) continue;
    const auto at = watched->second.owners.find(owner);
    if (at == watched->second.owners.end() || at->second != host) continue;
    if (state.empty()) {
      look(user, true);
      continue;
    }
    watched->second.told[owner] = state;
    tell(watched->second, changedOf(owner, state, delivered));
  }
}

/// Events are missing: everybody of that host is told how things stand.
void Push::onGap(const std::string& host) {
  std::vector<std::string> users;
  for (const auto& [user, watched] : users_)
    if (std::any_of(watched.owners.begin(), watched.owners.end(),
                    [&](const auto& entry) { return entry.second == host; }))
      users.push_back(user);
  for (const std::string& user : users) look(user, true);
}

/// A stream may end, and others of the user with it, while it is told.
void Push::tell(Watched& watched, const http::Changed& changed) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, stream] : watched.streams) ids.push_back(id);
  const auto user = std::find_if(users_.begin(), users_.end(),
                                 [&](const auto& entry) { return &entry.second == &watched; });
  const std::string name = user->first;
  for (const std::uint64_t id : ids) {
    const auto still = users_.find(name);
    if (still == users_.end()) return;
    const auto stream = still->second.streams.find(id);
    if (stream != still->second.streams.end()) stream->second->tell(changed);
  }
}

/// Once a minute: users whom no event reaches are looked at, and of the others it is asked who shares.
void Push::onTime() {
  timer_.start(pace_.poll);
  const Steady now = loop_.now();
  std::vector<std::string> users;
  for (const auto& [user, watched] : users_) {
    const bool deaf = watched.owners.empty() ||
                      std::any_of(watched.owners.begin(), watched.owners.end(), [&](const auto& entry) {
                        const auto feed = feeds_.find(entry.second);
                        return feed == feeds_.end() || !feed->second->listening();
                      });
    if (deaf || !watched.sharesAsked || now - *watched.sharesAsked >= pace_.shares) users.push_back(user);
  }
  for (const std::string& user : users) look(user, false);
  std::erase_if(feeds_, [](const auto& entry) { return entry.second->unused(); });
  lookMore();
}

void Push::resolve(const std::string& name, std::function<void(std::vector<net::Address>)> done) {
  const auto answer = std::make_shared<std::function<void(std::vector<net::Address>)>>(std::move(done));
  const Status posted = post_([&loop = loop_, name, answer] {
    loop.post([answer, found = addressesOf(name)] { (*answer)(found); });
  });
  if (!posted.ok()) (*answer)({});
}

Push::Counts Push::counts() const {
  Counts counts{.streams = 0,
                .users = users_.size(),
                .feeds = feeds_.size(),
                .listening = 0,
                .looks = queue_.size() + looking_};
  for (const auto& [user, watched] : users_) counts.streams += watched.streams.size();
  for (const auto& [host, feed] : feeds_) counts.listening += feed->listening() ? 1 : 0;
  return counts;
}

}  // namespace posthorn::mshttpd::backend
