// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "common/auth/account.h"
#include "common/base/error.h"

namespace posthorn::auth {

/// Why a login was refused: for the log (`reason=`), never for the client. Closed and stable.
enum class Reason : std::uint8_t {
  BadPassword,
  NoSuchUser,
  NoPassword,  ///< the account has no password
  EmptyPassword,
  BadName,  ///< not a name that an account can have: control characters, too long, not UTF-8
  PasswordTooLong,
  BadExchange,      ///< the mechanism's messages were malformed, or the client cancelled
  MechanismDenied,  ///< unknown, not built, not permitted by auth.mech_list, or not on this connection
  Inactive,
  Deleted,  ///< also removed
  Disabled,
  OnHold,
  PasswordExpired,
  PasswordMustChange,  ///< right, but an administrator has set it: the user must choose his own first
  AccountLocked,
  WrongHost,  ///< the mailbox lives on another host
  ServiceDenied,
  BadServiceFilter,  ///< mailAllowedServiceAccess cannot be understood, so nothing is allowed
  ProxyDenied,       ///< may not act for the user named
  NoSuchTarget,      ///< an administrator named a user who does not exist
  Quarantined,       ///< the account was in flight in repeated crashes
  Throttled,         ///< too many attempts of this address are waiting
  Ambiguous,         ///< several entries fit
  DamagedEntry,      ///< the entry cannot be read
  Temporary,         ///< the directory does not answer
  Internal,
};

/// "bad-password" and so on: the value of `reason=`.
std::string_view toString(Reason reason);

/// What a client may know; each protocol maps the three to its codes.
enum class RefusalClass : std::uint8_t {
  AuthFailed,  ///< the credentials are not right:             POP [AUTH], IMAP [AUTHENTICATIONFAILED], HTTP
               ///< 401
  Denied,  ///< they are, but may not be used here and now: POP [AUTH], IMAP [AUTHORIZATIONFAILED], HTTP 403
  Unavailable,  ///< not the user's fault, try again later:   POP [SYS/TEMP], IMAP [UNAVAILABLE], HTTP 503
};
RefusalClass classOf(Reason reason);

/// The generic text for the client; the same for every reason of the class.
std::string_view clientText(RefusalClass kind);

/// The same as an Error, for code that carries Results: AuthFailed, Denied or Unavailable, with the reason as
/// its text and clientText() for the client.
Error toError(Reason reason);

/// True when the refusal counts against the client's address (a guess), false when it is our own trouble.
bool countsAsFailure(Reason reason);

/// The refusal for a status that keeps its account out; nothing for those that may log in.
std::optional<Reason> reasonFor(AccountStatus status);

}  // namespace posthorn::auth
