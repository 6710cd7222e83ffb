// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// PASS (RFC 1939 §7): everything behind the first blank is the password.
struct Pass {
  struct Args {
    auth::Secret password;
  };
  static Result<Args> parse(const Arguments& in) { return Args{auth::Secret(in.verbatim())}; }
  static void run(Session& session, Args args) {
    auto& authorization = std::get<Authorization>(session.state());
    if (authorization.user.empty()) return session.refuse(Error{Errc::Invalid, "no USER", "Send USER first"});
    if (!session.passwordsAllowed())
      return session.answer(errReply({}, "Passwords are not taken on this connection"));
    auth::Attempt attempt = session.attempt("USER");
    // A failed PASS needs a new USER (RFC 1939 §7).
    attempt.login = std::exchange(authorization.user, {});
    attempt.password = std::move(args.password);
    session.logIn(std::move(attempt));
  }
};

}  // namespace

void commands::pass(Session& session, Arguments arguments) {
  onSession<Pass>(session, arguments);
}

}  // namespace posthorn::popd
