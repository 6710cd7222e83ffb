// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// QUIT (RFC 1939 §4, §6): in TRANSACTION what is marked is removed now.
struct Quit {
  static Result<NoArgs> parse(const Arguments& in) { return NoArgs::from(in); }
  static void run(Session& session, NoArgs) {
    if (std::holds_alternative<Authorization>(session.state())) return session.answerAndClose(okReply("Bye"));
    session.enterUpdate();
  }
};

}  // namespace

void commands::quit(Session& session, Arguments arguments) {
  onSession<Quit>(session, arguments);
}

}  // namespace posthorn::popd
