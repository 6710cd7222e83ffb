// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// RSET (RFC 1939 §5): nothing is marked any more.
struct Rset {
  static Result<NoArgs> parse(const Arguments& in) { return NoArgs::from(in); }
  static Result<MessageNumber> work(Maildrop& box, const NoArgs&) {
    box.unmarkAll();
    return box.messages();
  }
  static void respond(Session& session, MessageNumber messages) {
    session.answer(okReply("Maildrop has " + std::to_string(messages) + " messages"));
  }
};

}  // namespace

void commands::rset(Session& session, Arguments arguments) {
  inLine<Rset>(session, arguments);
}

}  // namespace posthorn::popd
