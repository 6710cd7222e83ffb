// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "common/auth/cache.h"
#include "common/auth/directory.h"
#include "common/auth/login_name.h"
#include "common/auth/reason.h"
#include "common/auth/settings.h"
#include "common/auth/trace.h"
#include "common/config/snapshot.h"

namespace posthorn::auth {

/// What a client showed, as values: made on the loop, moved into the auth job.
struct Attempt {
  config::Service service = config::Service::Pop;
  bool tls = false;       ///< the connection is encrypted (mailAllowedServiceAccess: pops, imaps)
  std::string address;    ///< the client's, for the log and the throttle; empty: unknown
  std::string mechanism;  ///< "USER", "LOGIN", "PLAIN": for the log and the cache
  std::string login;      ///< authcid as typed
  std::string authzid;    ///< empty: as the login says
  std::string claimed{};  ///< the address of whom the client says that it acts for; believed of proxy users
  Secret password;
  std::string certified{};  ///< an address that the client's certificate has proved: then nothing else is
                            ///< needed, and `login` is for the log alone
  std::shared_ptr<const void> turn{};  ///< Throttle::Admission's, until this attempt is judged
};

/// A login that passed.
struct Login {
  Account account;     ///< whose mail it is; account.id owns the mailboxes
  std::string by;      ///< canonical id of who showed the password; differs from account.id for a proxy login
  bool admin = false;  ///< `account` is one of store.admins and came by itself
  bool visitor = false;    ///< his mail is on another host; mshttpd looks here at what others share with him
  bool proxyUser = false;  ///< `by` may act for others: base.proxyadmin or one of store.admins
  std::string address{};   ///< whose login it is: the attempt's address, or its claimed one where believed
  [[nodiscard]] bool proxied() const { return by != account.id; }
};

/// A login that did not. `detail` is for the log alone.
struct Refusal {
  Reason reason = Reason::Internal;
  std::string detail;
  std::string address{};  ///< as Login's
};

using Outcome = std::variant<Login, Refusal>;

/// What the pipeline stands on. All of it outlives the call and is safe on any thread.
struct LoginContext {
  const Settings& settings;
  Directory& directory;
  Cache* cache = nullptr;
  /// The process's own refusal before anything is looked up (limits), and once the account is known and its
  /// password was right (quarantine, sessions of one user). Empty: none.
  std::function<std::optional<Reason>(const Attempt&)> admit;
  std::function<std::optional<Reason>(const Account&)> admitAccount;
};

/// The way of a login, facts 4.1 to 4.3 in their order. Job thread; blocks; throws nothing.
Outcome login(const LoginContext& context, const Attempt& attempt);

/// The way of somebody who has shown his password on this connection already (`by`, a Login's) and goes on as
/// `attempt.authzid` (PROXYAUTH): his right to do so is asked for anew, and the user is judged as by login().
/// The attempt's login and password are not looked at. Job thread; blocks; throws nothing.
Outcome switchUser(const LoginContext& context, const Attempt& attempt, const std::string& by);

/// The same way for an operator's tool, telling `trace` what decides. An attempt without a password is judged
/// as if its password were right; nobody can be logged in by this, for what passes is no Login. One thread.
std::variant<Account, Refusal> explain(const LoginContext& context, const Attempt& attempt, Trace& trace);

}  // namespace posthorn::auth
