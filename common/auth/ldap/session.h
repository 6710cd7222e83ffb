// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/auth/ldap/entry.h"
#include "common/auth/ldap/settings.h"
#include "common/auth/secret.h"
#include "common/base/clock.h"
#include "common/base/result.h"

// The seam between what we ask of LDAP servers and libldap. Every function may block until its deadline. An
// error of Unavailable or Timeout says that this connection is of no more use, and perhaps its server; every
// other error, and every value, is the server's considered answer.

namespace posthorn::auth::ldap {

enum class Scope : std::uint8_t { Base, Subtree };

struct Search {
  std::string base;
  Scope scope = Scope::Subtree;
  std::string filter;
  std::vector<std::string> attributes;
  int most = 2;  ///< entries: enough to know that there is more than one
};

struct SearchAnswer {
  std::vector<Entry> entries;
  bool more = false;         ///< there were more than asked for
  bool baseMissing = false;  ///< the base does not exist
  std::string server;        ///< who said so
};

/// What a password policy said beside the result (draft-behera-ldap-password-policy).
struct PolicyAnswer {
  enum class Trouble : std::uint8_t { None, Expired, Locked, MustChange, Other };
  Trouble trouble = Trouble::None;
  std::optional<int> graceLogins;  ///< logins that are left with a password that has expired
  std::optional<int> secondsLeft;  ///< until it expires
};

struct BindAnswer {
  int code = -1;     ///< RFC 4511 resultCode
  std::string text;  ///< the server's diagnosticMessage
  PolicyAnswer policy;
  std::string server;
};

/// One connection. One thread at a time.
class Session {
 public:
  virtual ~Session() = default;
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual Result<SearchAnswer> search(const Search& what, Steady deadline) = 0;
  /// A simple bind. Neither `dn` nor `password` may be empty (RFC 4513 5.1.1, 5.1.2: such binds succeed and
  /// prove nothing): Invalid, nothing is sent.
  virtual Result<BindAnswer> bind(const std::string& dn, const Secret& password, Steady deadline) = 0;
  /// Between questions: the server has closed it or said something unasked. Does not block.
  [[nodiscard]] virtual bool stale() = 0;
};

/// What a connection is for: those for searches are bound as base.ugldapbinddn.
enum class Purpose : std::uint8_t { Searches, Binds };

/// Makes connections. Any thread.
class Connector {
 public:
  virtual ~Connector() = default;
  Connector() = default;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Connected, encrypted as configured and bound. Errors are Unavailable or Timeout.
  virtual Result<std::unique_ptr<Session>> connect(const LdapHost& host, Purpose purpose,
                                                   Steady deadline) = 0;
};

/// By libldap. `settings` outlives it.
std::unique_ptr<Connector> libldapConnector(const LdapSettings& settings, const Clock& clock);

}  // namespace posthorn::auth::ldap
