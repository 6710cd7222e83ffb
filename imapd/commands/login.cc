// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// LOGIN (RFC 9051 §6.2.3).
Status commands::login(Session& session, imap::Cursor& in) {
  PH_CHECK(in.space());
  PH_TRY(std::string user, in.astring());
  PH_CHECK(in.space());
  PH_TRY(std::string password, in.astring());
  auth::Secret secret(std::move(password));
  PH_CHECK(in.end());
  if (!std::holds_alternative<NotAuthenticated>(session.state()))
    return Error{Errc::Invalid, "logged in already", "Logged in already"};
  if (!session.passwordsAllowed()) {
    session.answer("NO", "[PRIVACYREQUIRED] Passwords are not taken on this connection");
    return okStatus();
  }
  auth::Attempt attempt = session.attempt("LOGIN");
  attempt.login = std::move(user);
  attempt.password = std::move(secret);
  session.logIn(std::move(attempt));
  return okStatus();
}

}  // namespace posthorn::imapd
