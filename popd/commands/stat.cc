// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// STAT (RFC 1939 §5): messages and octets that are not marked.
struct Stat {
  struct Done {
    MessageNumber messages;
    std::uint64_t octets;
  };
  static Result<NoArgs> parse(const Arguments& in) { return NoArgs::from(in); }
  static Result<Done> work(Maildrop& box, const NoArgs&) { return Done{box.messages(), box.octets()}; }
  static void respond(Session& session, Done done) {
    session.answer(okReply(std::to_string(done.messages) + " " + std::to_string(done.octets)));
  }
};

}  // namespace

void commands::stat(Session& session, Arguments arguments) {
  inLine<Stat>(session, arguments);
}

}  // namespace posthorn::popd
