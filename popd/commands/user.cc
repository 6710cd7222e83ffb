// SPDX-License-Identifier: Apache-2.0
#include "common/auth/login_name.h"
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// USER (RFC 1939 §7): the name for the PASS that follows. The answer is the same for every name.
struct User {
  struct Args {
    std::string name;
  };
  static Result<Args> parse(const Arguments& in) {
    const View name = in.trimmed();
    if (name.empty()) return Error{Errc::Invalid, "no name", "Missing user name"};
    return Args{std::string(name)};
  }
  static void run(Session& session, Args args) {
    auto& authorization = std::get<Authorization>(session.state());
    authorization.user.clear();
    if (!session.passwordsAllowed())
      return session.answer(errReply({}, "Passwords are not taken on this connection"));
    authorization.user = std::move(args.name);
    session.answer(okReply("Send the password"));
  }
};

}  // namespace

void commands::user(Session& session, Arguments arguments) {
  onSession<User>(session, arguments);
}

}  // namespace posthorn::popd
