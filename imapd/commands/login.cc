// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// LOGIN (RFC 3501 6.2.3).
void commands::login(Session& session, imap::Command&& command) {
  auto& args = std::get<imap::LoginArgs>(command.args);
  auth::Secret password(std::move(args.password));
  if (!session.passwordsAllowed()) {
    Answer answer;
    answer.status = "NO";
    answer.text = "[PRIVACYREQUIRED] Passwords are not taken on this connection";
    return session.answer(answer);
  }
  auth::Attempt attempt = session.attempt("LOGIN");
  attempt.login = std::move(args.user);
  attempt.password = std::move(password);
  session.logIn(std::move(attempt));
}

}  // namespace posthorn::imapd
