// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/endpoints.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/auth/authenticator.h"
#include "common/auth/login_name.h"
#include "common/auth/nobody.h"
#include "common/base/ascii.h"

namespace posthorn::mshttpd::backend {
namespace {

constexpr std::chrono::seconds kHostsLast{60};
constexpr std::size_t kMostKnown = 100'000;

/// The options of one group over those of all hosts.
Endpoint overlaid(const config::Snapshot& config, const std::string& group, Endpoint to) {
  const auto isSet = [&](std::string_view option) {
    const auto& groups = config.allGroups();
    const auto kind = groups.find("proxy");
    if (kind == groups.end()) return false;
    const auto member = kind->second.find(group);
    return member != kind->second.end() && member->second.contains(config::findRow(option));
  };
  if (isSet("proxy:*.imaphost")) {
    const std::string& host = config.group<"proxy:*.imaphost">(group);
    if (!host.empty()) to.place.host = host;
  }
  if (isSet("proxy:*.imapport"))
    to.place.port = static_cast<std::uint16_t>(config.group<"proxy:*.imapport">(group));
  if (isSet("proxy:*.imapssl")) to.tls = config.group<"proxy:*.imapssl">(group);
  if (const auto& admin = config.group<"proxy:*.imapadmin">(group); !admin.empty()) to.admin.name = admin;
  if (const auto& password = config.group<"proxy:*.imapadminpass">(group); !password.empty())
    to.admin.password = password;
  if (isSet("proxy:*.ensport"))
    to.ensPort = static_cast<std::uint16_t>(config.group<"proxy:*.ensport">(group));
  return to;
}

Endpoint named(Endpoint endpoint, const std::string& host) {
  endpoint.host = host;
  endpoint.place.name = host;
  if (endpoint.place.host.empty()) endpoint.place.host = host;
  return endpoint;
}

}  // namespace

Endpoints::Endpoints(const config::Snapshot& config, std::shared_ptr<auth::Authenticator> logins,
                     const Clock& clock)
    : clock_(clock), logins_(std::move(logins)), own_(ascii::toLower(config.hostname())) {
  fallback_.place.port = static_cast<std::uint16_t>(config.get<"base.proxyimapport">());
  fallback_.tls = config.get<"base.proxyimapssl">();
  fallback_.admin = {config.get<"base.proxyadmin">(), config.get<"base.proxyadminpass">()};
  fallback_.ensPort = 7997;
  // This host's services are at hand, whatever its name resolves to.
  Endpoint own = fallback_;
  own.place.host = "localhost";
  own.ensPort =
      config.get<"ens.enable">() ? static_cast<std::uint16_t>(config.get<"ens.port">()) : std::uint16_t{0};
  special_[own_] = named(own, own_);
  for (const std::string& group : config.groups("proxy")) {
    const std::string host = ascii::toLower(group);
    special_[host] = named(overlaid(config, group, host == own_ ? own : fallback_), host);
  }
  const auto processes = static_cast<std::size_t>(config.service(config::Service::Http).numprocesses);
  const auto most = static_cast<std::size_t>(config.get<"http.maxbackendconnections">());
  maxConnections_ = std::max<std::size_t>(1, most / std::max<std::size_t>(1, processes));
}

Result<std::shared_ptr<Endpoints>> Endpoints::make(const config::Snapshot& config,
                                                   std::shared_ptr<auth::Authenticator> logins,
                                                   const Clock& clock) {
  std::shared_ptr<Endpoints> made(new Endpoints(config, std::move(logins), clock));
  const bool any = made->fallback_.tls || std::any_of(made->special_.begin(), made->special_.end(),
                                                      [](const auto& entry) { return entry.second.tls; });
  if (any) {
    PH_TRY(const auto least, tls::parseMinVersion(config.get<"base.tlsminversion">()));
    PH_TRY(made->tls_, tls::ClientContext::make(config.get<"base.proxyimapcafile">(), least));
  }
  return made;
}

Result<std::string> Endpoints::hostOf(const std::string& user) {
  const Steady now = clock_.steady();
  const std::string known = known_.with([&](const auto& all) -> std::string {
    const auto found = all.find(user);
    return found != all.end() && now - found->second.when < kHostsLast ? found->second.host : std::string();
  });
  if (!known.empty()) return known;
  const auto settings = logins_->settings();
  const auto name = auth::splitLogin(user, "@", settings->defaultDomain);
  if (!name) return makeError(Errc::NotFound, "no user: " + ascii::printable(user));
  if (user == auth::kNobody) return own_;
  PH_TRY(const auth::Account account, logins_->directory().find(*name));
  const std::string host = account.mailHost.empty() ? own_ : ascii::toLower(account.mailHost);
  known_.with([&](auto& all) {
    if (all.size() >= kMostKnown) all.clear();
    all[user] = {host, now};
  });
  return host;
}

Endpoint Endpoints::place(const std::string& host) const {
  const auto found = special_.find(host);
  return found != special_.end() ? found->second : named(fallback_, host);
}

Result<Endpoint> Endpoints::endpoint(const std::string& host) const {
  Endpoint at = place(host);
  if (!at.admin.name.empty() && !at.admin.password.empty()) return at;
  std::string missing;
  const auto name = [&](const std::string& all, const std::string& one) {
    missing.append(missing.empty() ? "" : ", ").append(all).append(" (or proxy:").append(host).append(one);
    missing.append(")");
  };
  if (at.admin.name.empty()) name("base.proxyadmin", ".imapadmin");
  if (at.admin.password.empty()) name("base.proxyadminpass", ".imapadminpass");
  Error error = makeError(Errc::Unavailable, "no login at the store " + host + ": not set are " + missing);
  error.client = kUnavailableText;
  return error;
}

std::vector<std::string> Endpoints::hosts() const {
  std::set<std::string> all{own_};
  for (const auto& [host, endpoint] : special_) all.insert(host);
  known_.with([&](const auto& known) {
    for (const auto& [user, entry] : known) all.insert(entry.host);
  });
  return {all.begin(), all.end()};
}

}  // namespace posthorn::mshttpd::backend
