// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/auth/ldap/health.h"
#include "common/auth/ldap/pool.h"
#include "common/auth/ldap/session.h"
#include "common/auth/ldap/settings.h"
#include "common/base/clock.h"
#include "common/base/result.h"

namespace posthorn::auth::ldap {

/// All servers of base.ugldaphost behind one question: the first that is well answers; one that fails is
/// logged once, passed over and tried again later. Its time is shared out, so that a server that hangs leaves
/// enough for the next. Blocks until the deadline at most (a name server that hangs: once two seconds
/// longer). Any thread.
class Servers {
 public:
  /// `settings` and `clock` outlive it.
  Servers(const LdapSettings& settings, std::unique_ptr<Connector> connector, const Clock& clock);

  /// Errors: Unavailable or Timeout when no server answers; what the server said otherwise.
  Result<SearchAnswer> search(const Search& what, Steady deadline);
  Result<BindAnswer> bind(const std::string& dn, const Secret& password, Steady deadline);

  [[nodiscard]] const HostHealth& health() const { return health_; }
  [[nodiscard]] const Pool& pool(Purpose purpose) const;

 private:
  template <typename Answer>
  using Question = std::function<Result<Answer>(Session&, Steady)>;
  template <typename Answer>
  Result<Answer> ask(Purpose purpose, Steady deadline, const Question<Answer>& question);
  template <typename Answer>
  Result<Answer> askOver(Pool& pool, std::size_t host, std::unique_ptr<Session> session, Purpose purpose,
                         Steady until, const Question<Answer>& question);
  template <typename Answer>
  Result<Answer> askOne(std::size_t host, Purpose purpose, Steady until, const Question<Answer>& question);

  Pool& poolFor(Purpose purpose) { return purpose == Purpose::Searches ? searches_ : binds_; }
  [[nodiscard]] Steady shareOf(std::size_t host, Steady deadline) const;
  void wellNow(std::size_t host);
  void failedNow(std::size_t host, Steady since, const Error& error);

  const LdapSettings& settings_;
  const Clock& clock_;
  std::unique_ptr<Connector> connector_;
  HostHealth health_;
  Pool searches_;
  Pool binds_;
};

}  // namespace posthorn::auth::ldap
