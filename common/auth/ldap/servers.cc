// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/servers.h"

#include <utility>

#include "common/auth/messages.h"

namespace posthorn::auth::ldap {
namespace {

/// A place of a pool that is given back whatever happens.
class Lease {
 public:
  Lease(Pool& pool, std::size_t host, std::unique_ptr<Session> session)
      : pool_(pool), host_(host), session_(std::move(session)) {}
  ~Lease() { pool_.put(host_, good_ ? std::move(session_) : nullptr); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] bool connected() const { return session_ != nullptr; }
  void set(std::unique_ptr<Session> session) { session_ = std::move(session); }
  Session& session() { return *session_; }
  /// It may be used again.
  void keep() { good_ = true; }

 private:
  Pool& pool_;
  const std::size_t host_;
  std::unique_ptr<Session> session_;
  bool good_ = false;
};

bool saysNothing(const Error& error) {
  return error.code == Errc::Unavailable || error.code == Errc::Timeout || error.code == Errc::Cancelled;
}

}  // namespace

Servers::Servers(const LdapSettings& settings, std::unique_ptr<Connector> connector, const Clock& clock)
    : settings_(settings),
      clock_(clock),
      connector_(std::move(connector)),
      health_(settings.hosts.size(), clock),
      searches_(settings.poolSize, settings.idleTimeout, clock),
      binds_(settings.poolSize, settings.idleTimeout, clock) {}

const Pool& Servers::pool(Purpose purpose) const {
  return purpose == Purpose::Searches ? searches_ : binds_;
}

Steady Servers::shareOf(std::size_t host, Steady deadline) const {
  const Steady now = clock_.steady();
  const auto behind = static_cast<Steady::duration::rep>(health_.othersBehind(host));
  return now + (deadline - now) / (behind + 1);
}

void Servers::wellNow(std::size_t host) {
  if (health_.succeeded(host)) log::write(kLdapServerBack, {{"server", settings_.hosts[host].describe()}});
}

void Servers::failedNow(std::size_t host, Steady since, const Error& error) {
  const auto kind = error.code == Errc::Timeout ? HostHealth::Kind::Slow : HostHealth::Kind::Broken;
  const std::string name = settings_.hosts[host].describe();
  if (health_.failed(host, kind, since, name + ": " + error.text))
    log::write(kLdapServerGone, {{"server", name}, {"detail", error.text}});
  if (health_.isWell(host)) return;
  for (Pool* pool : {&searches_, &binds_}) {
    pool->closeIdle(host);
    pool->wake();
  }
}

template <typename Answer>
Result<Answer> Servers::askOne(std::size_t host, Purpose purpose, Steady until,
                               const Question<Answer>& question) {
  Pool& pool = poolFor(purpose);
  const Steady since = clock_.steady();
  const std::uint64_t failures = health_.failures(host);
  const auto giveUp = [&] { return health_.failures(host) != failures; };
  // A connection that was idle may have been cut off since; that says nothing of the server, so a new one
  // follows it.
  for (const bool mayReuse : {true, false}) {
    auto place = mayReuse ? pool.take(host, until, giveUp) : pool.takeEmpty(host, until, giveUp);
    if (!place) return std::move(place).error();
    const bool reused = *place != nullptr;
    auto answer = askOver(pool, host, *std::move(place), purpose, until, question);
    if (answer.ok() || !saysNothing(answer.error())) {
      wellNow(host);
      return answer;
    }
    if (reused && answer.error().code == Errc::Unavailable && clock_.steady() < until) continue;
    failedNow(host, since, answer.error());
    return answer;
  }
  return makeError(Errc::Unavailable, "the LDAP server closes its connections");
}

template <typename Answer>
Result<Answer> Servers::askOver(Pool& pool, std::size_t host, std::unique_ptr<Session> session,
                                Purpose purpose, Steady until, const Question<Answer>& question) {
  Lease lease(pool, host, std::move(session));
  if (!lease.connected()) {
    PH_TRY(auto made, connector_->connect(settings_.hosts[host], purpose, until));
    lease.set(std::move(made));
  }
  auto answer = question(lease.session(), until);
  if (answer.ok() || !saysNothing(answer.error())) lease.keep();
  return answer;
}

template <typename Answer>
Result<Answer> Servers::ask(Purpose purpose, Steady deadline, const Question<Answer>& question) {
  std::optional<Error> last;
  for (std::size_t host = 0; host < settings_.hosts.size(); ++host) {
    if (last && clock_.steady() >= deadline) break;
    if (!health_.admit(host)) continue;
    auto answer = askOne(host, purpose, shareOf(host, deadline), question);
    if (answer.ok() || !saysNothing(answer.error())) return answer;
    last = std::move(answer).error();
  }
  if (!last)
    return makeError(Errc::Unavailable, "no LDAP server answers at the moment; " + health_.lastTrouble());
  if (last->code == Errc::Cancelled) last->code = Errc::Unavailable;
  return *std::move(last);
}

Result<SearchAnswer> Servers::search(const Search& what, Steady deadline) {
  return ask<SearchAnswer>(Purpose::Searches, deadline,
                           [&](Session& session, Steady until) { return session.search(what, until); });
}

Result<BindAnswer> Servers::bind(const std::string& dn, const Secret& password, Steady deadline) {
  return ask<BindAnswer>(Purpose::Binds, deadline,
                         [&](Session& session, Steady until) { return session.bind(dn, password, until); });
}

}  // namespace posthorn::auth::ldap
