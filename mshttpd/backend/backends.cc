// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/backends.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/ascii.h"
#include "mshttpd/backend/messages.h"
#include "mshttpd/backend/posthorn_host.h"
#include "mshttpd/backend/standard_host.h"

namespace posthorn::mshttpd::backend {
namespace {

constexpr std::chrono::seconds kSharesLast{30};
constexpr std::size_t kMostShares = 10'000;  // users whose shares are remembered

}  // namespace

Backends::Backends(std::shared_ptr<Endpoints> endpoints, const Pool::Settings& limits,
                   const Patience& patience, const Clock& clock)
    : endpoints_(std::move(endpoints)),
      limits_(limits),
      patience_(patience),
      clock_(clock),
      dialer_(std::make_shared<Dialer>(clock)) {}

Result<std::shared_ptr<Backends>> Backends::make(const config::Snapshot& config,
                                                 std::shared_ptr<auth::Authenticator> logins,
                                                 const Clock& clock) {
  PH_TRY(auto endpoints, Endpoints::make(config, std::move(logins), clock));
  Pool::Settings limits;
  limits.most = endpoints->maxConnections();
  return std::make_shared<Backends>(std::move(endpoints), limits, Patience{}, clock);
}

Result<std::shared_ptr<Pool>> Backends::poolOf(const std::string& host) {
  auto at = endpoints_->endpoint(host);
  if (!at) {
    log::write(messages::kBackEndUnconfigured, {{"host", host}, {"detail", at.error().text}});
    return std::move(at).error();
  }
  return pools_.with([&](auto& pools) -> std::shared_ptr<Pool> {
    auto& pool = pools[host];
    if (pool) return pool;
    // The pool may outlive this object: what it connects with goes along.
    auto connect = [endpoint = *at, endpoints = endpoints_, dialer = dialer_, patience = patience_,
                    &clock = clock_](Steady deadline) -> Result<std::unique_ptr<Connection>> {
      const auto* tls = endpoint.tls ? endpoints->tls() : nullptr;
      PH_TRY(auto wire, Wire::connect(*dialer, endpoint.place, tls, deadline, clock));
      return Connection::open(std::move(wire), patience, clock);
    };
    pool = std::make_shared<Pool>(host, at->admin, limits_, std::move(connect), clock_);
    return pool;
  });
}

Result<std::shared_ptr<Talk>> Backends::talkTo(const std::string& host, const Client& client) {
  PH_TRY(auto pool, poolOf(host));
  return std::make_shared<Talk>(std::move(pool), client);
}

void Backends::noteDegraded(const std::string& host) {
  const bool isNew = degraded_.with([&](auto& hosts) { return hosts.insert(host).second; });
  if (!isNew) return;
  log::write(messages::kBackEndLess,
             {{"host", host},
              {"detail", "no X-POSTHORN-JMAP: changes, threads and atomic updates cannot be calculated"}});
}

Status Backends::check(const std::string& user) {
  PH_TRY(const std::string host, endpoints_->hostOf(user));
  PH_CHECK(poolOf(host));
  return okStatus();
}

Result<std::unique_ptr<MailHost>> Backends::open(const std::string& user, const std::string& owner,
                                                 const std::string& client) {
  PH_TRY(const std::string host, endpoints_->hostOf(owner));
  PH_TRY(auto talk, talkTo(host, {.user = user, .address = client}));
  bool ours = false;
  Status status = talk->with(Again::Yes, [&](Connection& connection) -> Status {
    ours = connection.can("X-POSTHORN-JMAP");
    return okStatus();
  });
  if (!status.ok()) {
    // Who may not get in there is for the administrator to find out.
    if (status.error().code == Errc::Denied) {
      status.error().code = Errc::Unavailable;
      status.error().client = kUnavailableText;
    }
    return std::move(status).error();
  }
  const std::string other = user == owner ? std::string() : owner;
  if (ours) return PosthornHost::open(std::move(talk), other);
  noteDegraded(host);
  return StandardHost::open(std::move(talk), other);
}

/// Whose mailboxes a host shows to the user: the first level below the other users' namespace.
Status Backends::addShares(const std::string& host, const Client& client, std::vector<SharedAccount>& into) {
  PH_TRY(auto talk, talkTo(host, client));
  return talk->with(Again::Yes, [&](Connection& connection) -> Status {
    if (!connection.can("NAMESPACE")) return okStatus();
    PH_TRY(const Reply spaces,
           connection.ask({.name = imap::CommandName::Namespace, .args = imap::NoArgs{}}));
    for (const imap::Response& response : spaces.data) {
      const auto* data = std::get_if<imap::NamespaceData>(&response);
      if (data == nullptr) continue;
      for (const auto& space : data->others) {
        imap::ListArgs args;
        args.patterns = {space.prefix + "%"};
        PH_TRY(const Reply list, connection.ask({.name = imap::CommandName::List, .args = std::move(args)}));
        for (const imap::Response& line : list.data) {
          const auto* entry = std::get_if<imap::ListData>(&line);
          if (entry == nullptr || !entry->mailbox.utf8.starts_with(space.prefix)) continue;
          std::string owner = entry->mailbox.utf8.substr(space.prefix.size());
          if (space.delimiter && owner.ends_with(*space.delimiter)) owner.pop_back();
          if (!owner.empty() && owner != client.user) into.push_back({std::move(owner)});
        }
      }
    }
    return okStatus();
  });
}

std::vector<SharedAccount> Backends::Shares::accounts() const {
  std::vector<SharedAccount> all;
  for (const auto& [host, shared] : byHost) all.insert(all.end(), shared.begin(), shared.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.owner < b.owner; });
  all.erase(
      std::unique(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.owner == b.owner; }),
      all.end());
  return all;
}

Result<std::vector<SharedAccount>> Backends::sharedWith(const std::string& user, const std::string& client) {
  const Steady now = clock_.steady();
  const Shares known = shares_.with([&](const auto& all) {
    const auto found = all.find(user);
    return found == all.end() ? Shares{} : found->second;
  });
  if (known.whole && now - known.when <= kSharesLast) return known.accounts();
  Shares fresh{.byHost = {}, .whole = true, .when = now};
  PH_TRY(const std::string home, endpoints_->hostOf(user));
  for (const std::string& host : endpoints_->hosts()) {
    std::vector<SharedAccount> shared;
    const Status added = addShares(host, {.user = user, .address = client}, shared);
    if (!added.ok() && host == home) return added.error();
    if (!added.ok() && added.error().code != Errc::Denied) {
      // A host that is away is asked again the next time. What it shared is there still, and not to be had
      // now: that is another thing than what is shared no more. One's own account does not suffer from it.
      fresh.whole = false;
      const auto before = known.byHost.find(host);
      if (before != known.byHost.end()) shared = before->second;
    }
    fresh.byHost[host] = std::move(shared);
  }
  shares_.with([&](auto& all) {
    if (all.size() >= kMostShares) all.clear();
    all[user] = fresh;
  });
  return fresh.accounts();
}

void Backends::sweep() {
  const auto pools = pools_.with([](const auto& all) {
    std::vector<std::shared_ptr<Pool>> list;
    list.reserve(all.size());
    for (const auto& [host, pool] : all) list.push_back(pool);
    return list;
  });
  for (const auto& pool : pools) pool->sweep();
}

std::vector<Backends::HostCounts> Backends::counts() const {
  return pools_.with([](const auto& all) {
    std::vector<HostCounts> list;
    list.reserve(all.size());
    for (const auto& [host, pool] : all) list.push_back({host, pool->counts()});
    return list;
  });
}

}  // namespace posthorn::mshttpd::backend
